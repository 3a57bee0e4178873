import { z } from "zod";
import { VERSION } from "#domain/version.ts";
import type { Doc } from "#convex/_generated/dataModel.js";
import { type AcpClient, AgentRefused } from "../agent/client.ts";
import { log, messageOf } from "../log.ts";
import type { RpcMessage } from "../agent/wire.ts";
import { ProvisionFailure } from "./steps.ts";
import type { AcpServer } from "./session-mcp.ts";
import { WORKSPACE } from "../sandbox/paths.ts";

/** OpenCode's own start: on a machine with much else to do, a second try would only do all of it again. */
const INITIALIZE_MS = 60_000;
const SESSION_MS = 60_000;

const options = z.object({
  configOptions: z.array(z.object({ id: z.string(), currentValue: z.unknown() })).optional(),
});
const opened = options.extend({ sessionId: z.string() });

const modelOf = (answer: z.infer<typeof options>): unknown =>
  answer.configOptions?.find((option) => option.id === "model")?.currentValue;

function checkModel(found: unknown, wanted: string): void {
  if (found !== wanted)
    throw new ProvisionFailure(
      `The agent runs the model ${String(found)} instead of ${wanted}, so it wasn't used.`,
    );
}

async function initialize(client: AcpClient): Promise<void> {
  await client.call(
    "initialize",
    {
      protocolVersion: 1,
      clientCapabilities: { fs: { readTextFile: false, writeTextFile: false }, terminal: false },
      clientInfo: { name: "studio", version: VERSION },
    },
    { timeoutMs: INITIALIZE_MS, first: true },
  );
}

/** Where a session's agent stands once it is open. */
interface OpenedAgent {
  /** The agent's own id of the session. */
  agentSessionId: string;
  /** The place in its stream behind what it told of before. */
  cursor?: number;
  /** Whether it remembers what was said before, where anything was. */
  history: "kept" | "recap" | "none";
}

/**
 * Starts the agent and opens its session on the wanted model, with these MCP servers.
 * @throws ProvisionFailure where it runs another model
 */
export async function openAgent(
  client: AcpClient,
  wanted: string,
  servers: readonly AcpServer[],
): Promise<OpenedAgent> {
  await initialize(client);
  return { agentSessionId: await newSession(client, wanted, servers), history: "none" };
}

/**
 * Starts the agent and has it go on with its conversation, which a checkpoint has brought back. Where it can't, it begins
 * a new one, and is to be told in short what was said.
 * @param isKept whether its store was brought back
 * @throws ProvisionFailure where it runs another model
 */
export async function continueAgentSession(
  client: AcpClient,
  { _id: sessionId, agentSessionId }: Doc<"sandboxSessions">,
  wanted: string,
  isKept: boolean,
  servers: readonly AcpServer[],
): Promise<OpenedAgent> {
  // It never was ready: nothing was said.
  if (agentSessionId === undefined) return await openAgent(client, wanted, servers);
  if (isKept)
    try {
      const { cursor } = await loadAgentSession(client, agentSessionId, wanted, servers);
      return { agentSessionId, cursor, history: "kept" };
    } catch (error) {
      if (!(error instanceof AgentRefused)) throw error;
      log("warn", "an agent's conversation could not be loaded", { sessionId, error: messageOf(error) });
      return { agentSessionId: await newSession(client, wanted, servers), history: "recap" };
    }
  return { ...(await openAgent(client, wanted, servers)), history: "recap" };
}

async function newSession(client: AcpClient, wanted: string, servers: readonly AcpServer[]): Promise<string> {
  const params = { cwd: WORKSPACE, mcpServers: servers };
  const answer = opened.parse(await client.call("session/new", params, { timeoutMs: SESSION_MS }));
  checkModel(modelOf(answer), wanted);
  return answer.sessionId;
}

/**
 * Starts the agent and has it go on with a session of before, on the wanted model.
 * @returns that session's history, as the agent tells it, and the place in its stream behind that
 * @throws ProvisionFailure where it runs another model
 */
export async function loadAgentSession(
  client: AcpClient,
  agentSessionId: string,
  wanted: string,
  servers: readonly AcpServer[],
): Promise<{ messages: RpcMessage[]; cursor: number }> {
  await initialize(client);
  const params = { sessionId: agentSessionId, cwd: WORKSPACE, mcpServers: servers };
  const loaded = options.parse((await client.call("session/load", params, { timeoutMs: SESSION_MS })) ?? {});
  if (modelOf(loaded) !== wanted) {
    const wish = { sessionId: agentSessionId, configId: "model", value: wanted };
    const set = options.parse(
      await client.call("session/set_config_option", wish, { timeoutMs: SESSION_MS }),
    );
    checkModel(modelOf(set), wanted);
  }
  return await client.untilNow(SESSION_MS);
}
