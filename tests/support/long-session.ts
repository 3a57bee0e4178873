import type { ConvexHttpClient } from "convex/browser";
import { api } from "#convex/_generated/api.js";
import type { Id } from "#convex/_generated/dataModel.js";
import type { EventDraft } from "#domain/events.ts";

type Payload = Omit<EventDraft, "runId">;

/** The events of one turn: words in pieces, reads, an edit with its diff, a command with its output. */
export function turnEvents(turn: number, mark = ""): Payload[] {
  const source = "bench";
  const id = `t${turn}`;
  const words = `Turn ${turn} looks at **the files** and changes one. ${mark} It uses \`code\`, a list and a [link](https://example.com/${turn}):\n\n- one\n- two\n\nturn ${turn} is done`;
  const pieces = words.match(/[\s\S]{1,12}/g) ?? [];
  const call = (
    name: string,
    kind: string,
    input: Record<string, unknown>,
    output: string,
    diff?: object,
  ) => {
    const tool = { tool_call_id: `${id}-${name}-${String(Object.values(input)[0])}`, tool_name: name };
    const title = String(Object.values(input)[0]);
    return [
      { type: "tool.requested", source, payload: { ...tool, kind, title, tool_input: input } },
      { type: "tool.started", source, payload: { ...tool, kind, title, tool_input: input } },
      {
        type: "tool.completed",
        source,
        payload: { ...tool, title, output, duration_ms: 40 + turn, ...diff },
      },
    ];
  };
  const before = Array.from({ length: 30 }, (_, line) => `export const value${line} = ${line};`).join("\n");
  const after = before.replace("= 7;", `= ${turn};`);
  return [
    {
      type: "message.user",
      source,
      payload: { content: `Question ${turn}: what about file ${turn}?`, user_name: "Bench" },
    },
    {
      type: "llm.thinking.chunk",
      source,
      payload: { message_id: `${id}-think`, delta: `I think about ${turn}. ` },
    },
    { type: "llm.thinking.chunk", source, payload: { message_id: `${id}-think`, delta: "Then I know." } },
    ...call("read", "read", { filePath: `/workspace/agents/a${turn}.ts` }, before),
    ...call("read", "read", { filePath: `/workspace/roles/r${turn}.ts` }, before),
    ...call("edit", "edit", { filePath: `/workspace/agents/a${turn % 40}.ts` }, "", {
      diff: { path: `/workspace/agents/a${turn % 40}.ts`, old_text: before, new_text: after },
    }),
    ...call("bash", "execute", { command: `npm test -- ${turn}` }, `ok ${turn}\n`.repeat(20), {
      exit_code: 0,
    }),
    ...pieces.map((delta) => ({ type: "llm.response.chunk", source, payload: { message_id: id, delta } })),
    {
      type: "message.assistant",
      source,
      payload: { message_id: id, content: words, model: "demo", provider: "demo" },
    },
    {
      type: "usage.recorded",
      source,
      payload: {
        request_id: id,
        provider: "demo",
        model: "demo",
        input_tokens: 900,
        cached_tokens: 0,
        output_tokens: 90,
      },
    },
  ] as Payload[];
}

const BATCH = 400;

/**
 * Writes a piece of text into a session's log every so often, as the server does while an agent speaks. @returns how many
 * @param client with a token of Studio's own servers
 * @param until epoch milliseconds
 */
export async function feedText(
  client: ConvexHttpClient,
  id: string,
  { everyMs, until }: { everyMs: number; until: number },
): Promise<number> {
  const sessionId = id as Id<"sandboxSessions">;
  const generation = await client.mutation(api.sessionLeases.claim, { sessionId, holder: `feed-${id}` });
  if (generation === null) throw new Error("the session's lease is not free");
  let batch = 0;
  for (let due = Date.now(); due < until; due += everyMs) {
    await new Promise((resolve) => setTimeout(resolve, Math.max(0, due - Date.now())));
    batch += 1;
    const payload = JSON.stringify({ message_id: "fed", delta: "one red sky oak sun map ink bay elm fox " });
    const events = [{ type: "llm.response.chunk", source: "agent.opencode", payload }];
    await client.mutation(api.events.append, { sessionId, generation, batch, events }, { skipQueue: true });
  }
  await client.mutation(api.sessionLeases.release, { sessionId, generation });
  return batch;
}

/**
 * Writes events into a session's log by the function that servers use, under a lease of its own.
 * @param client with a token of Studio's own servers
 */
export async function appendEvents(
  client: ConvexHttpClient,
  id: string,
  events: readonly Payload[],
): Promise<void> {
  const sessionId = id as Id<"sandboxSessions">;
  const holder = `events-${Date.now()}`;
  const deadline = Date.now() + 30_000;
  let generation: number | null = null;
  while ((generation = await client.mutation(api.sessionLeases.claim, { sessionId, holder })) === null) {
    if (Date.now() > deadline) throw new Error("the session's lease was not free in time");
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
  for (let at = 0, batch = 1; at < events.length; at += BATCH, batch += 1)
    await client.mutation(api.events.append, {
      sessionId,
      generation,
      batch,
      events: events
        .slice(at, at + BATCH)
        .map(({ type, source, payload }) => ({ type, source, payload: JSON.stringify(payload) })),
    });
  await client.mutation(api.sessionLeases.release, { sessionId, generation });
}
