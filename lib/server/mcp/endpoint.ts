import { type CallToolResult, createMcpHandler } from "@modelcontextprotocol/server";
import { api } from "#convex/_generated/api.js";
import { utf8Bytes } from "#domain/limits.ts";
import { Masker } from "#domain/mask.ts";
import { MCP_LIMITS, type McpTool } from "#domain/mcp.ts";
import { toolsOf } from "#domain/mcp-tools.ts";
import { problemFor } from "#domain/problems.ts";
import { callTool, listTools, McpFault, type McpConnection } from "#mcp/client.ts";
import { errorResult, failureIn, pinnedServer } from "#mcp/front.ts";
import { cached, cacheOf } from "../cache.ts";
import { serviceData } from "../convex/client.ts";
import { takeMcp } from "../http/seats.ts";
import { log, messageOf } from "../log.ts";
import { countCalls, saidWhileLong } from "./calls.ts";
import { authFor } from "./grants.ts";
import { heldBy, type HeldServer, refusal } from "./held.ts";
import { connectRemote, overTheWay } from "./remote.ts";
import { listOf, toolHash } from "./test.ts";
import { openValues } from "./values.ts";

const ADDRESS = /^\/api\/mcp\/([^/]+)$/;
/** How long a connection is kept that nothing is asked over, and how many. */
const KEPT_MS = 2 * MCP_LIMITS.callMs;
const MAX_KEPT = 2_000;
/** How old a look at a server's tools may be when one of them is called. */
const LOOK_MS = 30_000;
/** A server that can't be reached is tried again at a call, but not more often. */
const AGAIN_MS = 5_000;
/** The agent starts first. */
const AFTER_MS = 2_000;
const MAX_BODY_BYTES = 2_000_000;
/** Lists of approved tools in memory: each may be as large as one can be. */
const MAX_LISTS = 50;
/** A list never changes under its digest. */
const LIST_MS = 60 * 60_000;

/** What a server's connection knows. */
interface Kept extends McpConnection {
  /** Knows what was entered for the server: it may say that again. */
  masker: () => Masker;
  /** What each tool is there now, by its name. */
  hashes: ReadonlyMap<string, string>;
  lookedAt: number;
}

/** What people see of a server, where a use of it has found something else than they know. */
async function note({ serverId, version }: HeldServer, found: McpTool[] | McpFault): Promise<void> {
  await serviceData()
    .mutation(api.sessionMcp.noteFound, {
      serverId,
      version,
      ...(found instanceof McpFault
        ? { status: "error", statusDetail: found.message }
        : { status: "connected", found: listOf(found) }),
    })
    .catch((error: unknown) =>
      log("warn", "what an MCP server offers was not noted", { error: messageOf(error) }),
    );
}

const connections = () =>
  cacheOf<Promise<Kept>>("mcp-connections", {
    max: MAX_KEPT,
    ttlMs: KEPT_MS,
    onGone: (kept) => void kept.then(async ({ client }) => await client.close()).catch(() => undefined),
  });

const keyOf = ({ sessionId, serverId, version }: HeldServer) => `${sessionId}|${serverId}|${version}`;

async function connectTo(server: HeldServer): Promise<Kept> {
  const { transport, url = "", organizationId, dataKey } = server;
  if (transport === "stdio" || !dataKey) throw new McpFault("unreachable", "It runs in the sandbox.");
  const { headers } = openValues(organizationId, { ...server, dataKey });
  try {
    const auth = await authFor(server.serverId);
    const connection = await connectRemote({ transport, url, headers, auth });
    const entered = Object.values(headers).flatMap((value) => [value, value.replace(/^\S+ +/, "")]);
    const masker = () => new Masker([...entered, ...(auth?.used ?? [])]);
    return { ...connection, masker, ...(await lookOver(server, connection)) };
  } catch (error) {
    if (error instanceof McpFault) await note(server, error);
    throw error;
  }
}

const failures = () => cacheOf<McpFault>("mcp-failures", { max: MAX_KEPT, ttlMs: AGAIN_MS });

/** Says in the session's log whether a server of its can be reached, where that is new. */
async function say({ sessionId, name }: HeldServer, found: Kept | McpFault): Promise<void> {
  const connected = !(found instanceof McpFault);
  await serviceData()
    .mutation(api.sessionMcp.reported, {
      sessionId,
      name,
      connected,
      tools: connected ? found.hashes.size : 0,
      reason: connected ? "" : found.message,
    })
    .catch((error: unknown) =>
      log("warn", "an MCP server's state was not noted", { sessionId, error: messageOf(error) }),
    );
}

/** The connection that a session has to a server; one that could not be had is not tried again at once. @throws McpFault */
async function connected(server: HeldServer): Promise<Kept> {
  const key = keyOf(server);
  const before = failures().get(key);
  if (before) throw before;
  return await cached(connections(), key, async () => {
    try {
      const kept = await connectTo(server);
      void say(server, kept);
      return kept;
    } catch (error) {
      if (error instanceof McpFault) {
        failures().set(key, error);
        void say(server, error);
      }
      throw error;
    }
  });
}

/**
 * Connects once the agent has started, so that its session says whether the server can be reached: the agent itself asks
 * for it only at a call.
 */
function connectSoon(server: HeldServer): void {
  const key = keyOf(server);
  const soon = cacheOf<"soon">("mcp-soon", { max: MAX_KEPT, ttlMs: KEPT_MS });
  if (soon.has(key) || connections().has(key)) return;
  soon.set(key, "soon");
  setTimeout(() => void connected(server).catch(() => undefined), AFTER_MS).unref();
}

/** What a server offers now, of which people are told where it is not what was approved. */
async function lookOver(server: HeldServer, { client }: McpConnection) {
  const tools = await overTheWay(async () => await listTools(client));
  const { digest, parts } = listOf(tools);
  if (digest !== server.approvedDigest) await note(server, tools);
  return { hashes: new Map(parts.map(({ name, hash }) => [name, hash])), lookedAt: performance.now() };
}

/** The tools that agents get of a server: the same for all sessions that have it. */
async function approvedTools({ serverId, approvedDigest: digest }: HeldServer): Promise<McpTool[]> {
  const lists = cacheOf<Promise<McpTool[]>>("mcp-lists", { max: MAX_LISTS, ttlMs: LIST_MS });
  return await cached(lists, `${serverId}|${digest}`, async () => {
    const text = await serviceData().query(api.sessionMcp.approvedTools, { serverId, digest });
    // Others were approved since: what the sandbox may use is looked up again in a moment.
    if (text === null) throw new McpFault("unlisted", "Other tools of it were approved since.");
    return toolsOf(text);
  });
}

/** Calls a tool over the connection that this session has to the server. @throws McpFault */
async function call(server: HeldServer, tool: McpTool, args: Record<string, unknown>, signal: AbortSignal) {
  const key = keyOf(server);
  const kept = await connected(server);
  // As long as it is used, it stays.
  const used = connections().get(key);
  if (used) connections().set(key, used);
  try {
    if (performance.now() - kept.lookedAt > LOOK_MS) Object.assign(kept, await lookOver(server, kept));
    if (kept.hashes.get(tool.name) !== toolHash(tool))
      throw new McpFault("unlisted", problemFor("mcp_tool_moved", { tool: tool.name }).message);
    const result = await overTheWay(async () => await callTool(kept.client, tool, args, { signal }));
    return kept.masker().maskValue(result);
  } catch (error) {
    const isOver = !(error instanceof McpFault) || !["unlisted", "silent"].includes(error.kind);
    // The next call connects again.
    if (isOver) connections().delete(key);
    throw error;
  }
}

/** The same, counted. */
async function counted(
  held: HeldServer,
  tool: McpTool,
  args: Record<string, unknown>,
  signal: AbortSignal,
): Promise<CallToolResult> {
  const began = performance.now();
  const count = (failure: string | undefined, resultBytes: number) => {
    const ms = Math.round(performance.now() - began);
    countCalls(held.serverId, {
      calls: 1,
      errors: failure === undefined ? 0 : 1,
      totalMs: ms,
      maxMs: ms,
      resultBytes,
      failures: failure === undefined ? [] : [{ at: Date.now(), tool: tool.name, message: failure }],
    });
  };
  try {
    const result = await call(held, tool, args, signal);
    count(failureIn(result), utf8Bytes(JSON.stringify(result.content)));
    return result;
  } catch (error) {
    count(error instanceof McpFault ? error.message : "It failed.", 0);
    throw error;
  }
}

/**
 * A remote MCP server as an agent in a sandbox has it: the tools that were approved, called by Studio, which alone has
 * the server's address and secrets.
 */
export async function mcpEndpoint(request: Request): Promise<Response> {
  const held = await heldBy(request, ADDRESS);
  if (held instanceof Response) return held;
  const of = { sandbox: held.sessionId, organizationId: held.organizationId };
  let tools: McpTool[];
  try {
    const { only } = held;
    tools = (await approvedTools(held)).filter(({ name }) => only?.includes(name) ?? true);
  } catch (error) {
    log("warn", "an MCP server's tools could not be read", { error: messageOf(error) });
    return refusal(503, "gateway_database");
  }
  if (held.transport !== "stdio") connectSoon(held);
  const handler = createMcpHandler(
    () =>
      pinnedServer(held.name, tools, async (tool, args, signal) => {
        const leave = takeMcp(of);
        if (!leave) return errorResult(problemFor("mcp_busy").message);
        try {
          return await saidWhileLong(held, async () => await counted(held, tool, args, signal));
        } finally {
          leave();
        }
      }),
    {
      maxRequestBodySize: MAX_BODY_BYTES,
      // Its tools stay what they are: there is nothing to wait for.
      maxSubscriptions: 0,
      onerror: (error) => log("info", "an MCP request failed", { error: messageOf(error) }),
    },
  );
  return await handler.fetch(request);
}
