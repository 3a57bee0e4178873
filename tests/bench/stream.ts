import { api as convex } from "#convex/_generated/api.js";
import type { Id } from "#convex/_generated/dataModel.js";
import { AcpClient } from "#server/agent/client.ts";
import { sessionUpdate } from "#server/agent/wire.ts";
import { serviceData } from "#server/convex/client.ts";
import { eventsOf } from "#net/event-stream.ts";
import { connectSandbox } from "#server/sandbox/sandbox.ts";
import { type Api, until } from "#tests/api.ts";
import { type Figure, percentile } from "./figures.ts";

const MAX_EVENT_CHARACTERS = 4_000_000;
const RUNS = 3;
const TOKENS = 400;
const SANDBOX_MS = 15 * 60_000;

/** A text as it arrived: how much of it there was, and when. */
class Arrival {
  text = "";
  readonly marks: { length: number; at: number }[] = [];

  add(piece: string): void {
    this.text += piece;
    this.marks.push({ length: this.text.length, at: performance.now() });
  }
}

/** Reads the agent's stream as the server does, by a connection of its own. */
async function readAgent(sessionId: string, into: Arrival, signal: AbortSignal): Promise<void> {
  const { session, stream } = await serviceData().query(convex.sandboxSessions.forServer, {
    sessionId: sessionId as Id<"sandboxSessions">,
  });
  if (!session.sandboxId || !session.acpServerId) throw new Error("The session has no agent.");
  const ref = await connectSandbox(session.sandboxId, SANDBOX_MS);
  const client = new AcpClient({ ref, sessionId, acpServerId: session.acpServerId });
  for await (const { message } of client.stream(stream.cursor, signal)) {
    if (message.method !== "session/update") continue;
    const parsed = sessionUpdate.safeParse(message.params?.update);
    if (!parsed.success || parsed.data.sessionUpdate !== "agent_message_chunk") continue;
    into.add(parsed.data.content.text ?? "");
  }
}

/** Reads the session's stream as a browser does. */
async function readStudio(
  { url, headers }: { url: string; headers: Record<string, string> },
  into: Arrival,
  signal: AbortSignal,
): Promise<void> {
  const response = await fetch(url, { headers, signal });
  if (!response.ok || !response.body) throw new Error(`The stream answers ${response.status}.`);
  for await (const { event, data } of eventsOf(response.body, { maxEventCharacters: MAX_EVENT_CHARACTERS }))
    if (event === "llm.response.chunk")
      into.add((JSON.parse(data) as { payload: { delta: string } }).payload.delta);
}

/** For each piece that left the agent: the time until a client of Studio had all of it. */
function delays(agent: Arrival, studio: Arrival): number[] {
  if (agent.text !== studio.text || agent.text === "")
    throw new Error(`The texts differ: ${agent.text.length} and ${studio.text.length} characters.`);
  return agent.marks.map(({ length, at }) => {
    const shown = studio.marks.find((mark) => mark.length >= length);
    if (!shown) throw new Error("A piece did not arrive.");
    return shown.at - at;
  });
}

/**
 * From an entry of the agent's stream to the same text at a client of Studio's stream, both read by this process.
 * The server's settings must be in the environment.
 */
export async function sandboxToClient(api: Api, apiKey: string): Promise<Figure[]> {
  const all: number[] = [];
  const session = await api.createSession();
  for (let run = 0; run < RUNS; run++) {
    const [agent, studio] = [new Arrival(), new Arrival()];
    const abort = new AbortController();
    const url = `${api.url}/api/studio/sessions/${session.id}/events?after=${(await api.events(session.id)).length}`;
    const reading = [
      readAgent(session.id, agent, abort.signal),
      readStudio({ url, headers: { authorization: `Bearer ${apiKey}` } }, studio, abort.signal),
    ].map(
      async (reader) =>
        await reader.catch((error: unknown) => {
          if (!abort.signal.aborted) throw error;
        }),
    );
    // Both must be connected before the first word.
    await new Promise((resolve) => setTimeout(resolve, 500));
    const runId = await api.send(session.id, `\`\`\`demo\nstream ${TOKENS}\n\`\`\``);
    const ended = api.finish(runId);
    const failed = Promise.all(reading).then(() => {
      throw new Error("A stream ended early.");
    });
    await Promise.race([ended, failed]);
    await Promise.race([until("the last words", async () => agent.text === studio.text), failed]);
    abort.abort();
    await failed.catch(() => undefined);
    all.push(...delays(agent, studio));
  }
  await api.stop(session.id);
  const note = `${all.length} pieces of text, written at most every 100 ms`;
  return [
    { name: "sandbox → client, p50", unit: "ms", measured: percentile(all, 0.5), note },
    { name: "sandbox → client, p95", unit: "ms", measured: percentile(all, 0.95), aim: 150 },
  ];
}
