import { createHash } from "node:crypto";
import type { z } from "zod";
import { api } from "#convex/_generated/api.js";
import type { Id } from "#convex/_generated/dataModel.js";
import type { McpTest, createMcpServerBody } from "#contracts/mcp.ts";
import { Masker } from "#domain/mask.ts";
import { type McpTool, toolsText } from "#domain/mcp.ts";
import { checkedTools } from "#domain/mcp-tools.ts";
import type { Principal } from "#domain/principal.ts";
import { listTools, McpFault } from "#mcp/client.ts";
import { actorOf, dataFor, serviceData } from "../convex/client.ts";
import { refuse } from "../http/refuse.ts";
import { takeMcpTest } from "../http/seats.ts";
import { lookInSandbox } from "../sandbox-start/mcp-look.ts";
import { authFor } from "./grants.ts";
import { connectRemote, overTheWay } from "./remote.ts";
import { createServer, enableServer, showTool, updateServer } from "./servers.ts";
import { type McpValues, openValues } from "./values.ts";

type Caller = Exclude<Principal, { kind: "service" }>;
type Place = {
  id: Id<"mcpServers">;
  name: string;
  transport: "stdio" | "sse" | "streamable-http";
  command?: string;
  args?: string[];
  url?: string;
};

/** What a look at a server has found. */
export type Found =
  | { ok: true; tools: McpTool[]; info: string; latencyMs: number }
  | { ok: false; message: string };

const hashOf = (text: string) => createHash("sha256").update(text).digest("hex");
/** A tool's hash: the same as long as nothing of what agents are told of it changes. */
export const toolHash = (tool: McpTool): string => hashOf(toolsText([tool]));

/** A list of tools as it is stored. */
export const listOf = (tools: readonly McpTool[]) => {
  const text = toolsText(tools);
  return {
    tools: text,
    digest: hashOf(text),
    count: tools.length,
    parts: tools.map((tool) => ({ name: tool.name, hash: toolHash(tool) })),
  };
};

const SAID_CHARS = 600;

async function lookRemote(
  { id, transport, url }: { id: Id<"mcpServers">; transport: "sse" | "streamable-http"; url: string },
  { headers }: McpValues,
): Promise<Found> {
  try {
    const auth = await authFor(id);
    const { client, info, latencyMs } = await connectRemote({ transport, url, headers, auth });
    try {
      return { ok: true, tools: await overTheWay(async () => await listTools(client)), info, latencyMs };
    } finally {
      await client.close().catch(() => undefined);
    }
  } catch (error) {
    if (!(error instanceof McpFault)) throw error;
    return { ok: false, message: error.message };
  }
}

/** Looks what a server offers. @throws HttpError upstream_failed where there is no sandbox for it */
export async function lookAt(organizationId: string, place: Place, values: McpValues): Promise<Found> {
  const found = await lookFor(organizationId, place, values);
  const tools = found.ok ? checkedTools(found.tools, place.name) : [];
  return typeof tools === "string" ? { ok: false, message: tools } : found;
}

async function lookFor(
  organizationId: string,
  { id, name, transport, command = "", args = [], url = "" }: Place,
  values: McpValues,
): Promise<Found> {
  if (transport !== "stdio") return await lookRemote({ id, transport, url }, values);
  const network = await serviceData().query(api.sessionMcp.networkOf, {
    organizationId: organizationId as never,
  });
  const looked = await lookInSandbox({ name, command, args, env: values.env }, { organizationId, network });
  if (looked.ok) return looked;
  // What the program itself said, without what was entered as its secrets.
  const said = new Masker(Object.values(values.env)).mask(looked.said).trim().slice(-SAID_CHARS);
  return { ok: false, message: said === "" ? looked.message : `${looked.message} It said: ${said}` };
}

/** Tests a server, and keeps what it offers. @throws HttpError not_found | key_unreadable | upstream_failed */
export async function testServer(caller: Caller, serverId: string): Promise<McpTest> {
  const data = serviceData();
  const actor = actorOf(caller);
  const { organizationId, known, dataKey } = await data.query(api.mcpServers.forSaving, { actor, serverId });
  if (!known || !dataKey) throw refuse("mcp_not_found");
  // Each click would start a sandbox of its own.
  const leave = takeMcpTest({ serverId, organizationId });
  if (!leave) throw refuse("mcp_tests_busy");
  let found: Found;
  try {
    found = await lookAt(organizationId, known, openValues(organizationId, { ...known, dataKey }));
  } finally {
    leave();
  }
  const list = found.ok ? listOf(found.tools) : undefined;
  await data.mutation(api.mcpServers.noteTest, {
    actor,
    serverId,
    version: known.version,
    status: found.ok ? "connected" : "error",
    ...(found.ok
      ? { serverInfo: found.info, latencyMs: found.latencyMs }
      : { statusDetail: found.message.slice(0, 1_000) }),
    ...(list && { found: list }),
  });
  return found.ok
    ? {
        success: true,
        tools: found.tools.map(({ name }) => name),
        tool_details: found.tools.map(showTool),
        latency_ms: found.latencyMs,
        server_info: found.info,
        ...(list && { tools_digest: list.digest }),
      }
    : { success: false, tools: [], error: found.message, tool_details: [] };
}

/** The server of a name, for who may change it. @throws HttpError forbidden */
async function named(caller: Caller, name: string) {
  await serviceData().query(api.mcpServers.forSaving, { actor: actorOf(caller) });
  return (await dataFor(caller).query(api.mcpServers.list, {})).find((one) => one.name === name);
}

/**
 * Adds a server, or changes the one of that name, tests it and turns it on, with the tools that it was found to offer.
 * @throws HttpError invalid_request | key_unreadable | upstream_failed
 */
export async function connectServer(caller: Caller, body: z.output<typeof createMcpServerBody>) {
  const known = await named(caller, body.name);
  const { id } = known ? await updateServer(caller, known.id, body) : await createServer(caller, body);
  const { success, tools, error, tools_digest } = await testServer(caller, id);
  if (!success) return { status: "error" as const, tools, ...(error !== undefined && { error }) };
  await enableServer(caller, id, true, tools_digest);
  return { status: "connected" as const, tools };
}

/** Turns off the server of a name. @throws HttpError not_found */
export async function disconnectServer(caller: Caller, name: string) {
  const known = await named(caller, name);
  if (!known) throw refuse("mcp_not_named", { name });
  await enableServer(caller, known.id, false);
  return { status: "disconnected" as const };
}
