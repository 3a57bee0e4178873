/** What becomes of calls of MCP servers' tools: counted by server and day, and what a session waits for. */
import type { FunctionArgs } from "convex/server";
import { api } from "#convex/_generated/api.js";
import type { Id } from "#convex/_generated/dataModel.js";
import { MCP_FAILURES, MCP_LIMITS } from "#domain/mcp.ts";
import { serviceData } from "../convex/client.ts";
import { log, messageOf } from "../log.ts";
import { singleton } from "../singleton.ts";

type Counted = Omit<FunctionArgs<typeof api.mcpUsage.note>, "serverId">;

/** Calls are noted together, so that one server's row isn't written for each. */
const TOGETHER_MS = 2_000;

const open = () => singleton("mcp-calls", () => new Map<Id<"mcpServers">, Counted>());

async function flush(serverId: Id<"mcpServers">): Promise<void> {
  const counted = open().get(serverId);
  open().delete(serverId);
  if (!counted) return;
  await serviceData()
    .mutation(api.mcpUsage.note, { serverId, ...counted })
    .catch((error: unknown) =>
      log("warn", "calls of an MCP server were not counted", { serverId, error: messageOf(error) }),
    );
}

/** Counts calls of a server; they are noted in a moment. */
export function countCalls(serverId: Id<"mcpServers">, more: Counted): void {
  const known = open().get(serverId);
  if (!known) setTimeout(() => void flush(serverId), TOGETHER_MS);
  open().set(serverId, {
    calls: (known?.calls ?? 0) + more.calls,
    errors: (known?.errors ?? 0) + more.errors,
    totalMs: (known?.totalMs ?? 0) + more.totalMs,
    maxMs: Math.max(known?.maxMs ?? 0, more.maxMs),
    resultBytes: (known?.resultBytes ?? 0) + more.resultBytes,
    failures: [...(known?.failures ?? []), ...more.failures].slice(-MCP_FAILURES),
  });
}

/** Says that a session waits for a server, or no longer does. */
export async function noteWait(
  sessionId: Id<"sandboxSessions">,
  name: string,
  waiting: boolean,
): Promise<void> {
  await serviceData()
    .mutation(api.sessionMcp.waits, { sessionId, name, waiting })
    .catch((error: unknown) =>
      log("warn", "a wait for an MCP server was not noted", { sessionId, error: messageOf(error) }),
    );
}

/** Does what a session may have to wait for: after a while that is said, and that it is over, too. */
export async function saidWhileLong<T>(
  { sessionId, name }: { sessionId: Id<"sandboxSessions">; name: string },
  work: () => Promise<T>,
): Promise<T> {
  let said: Promise<void> | undefined;
  const timer = setTimeout(() => {
    said = noteWait(sessionId, name, true);
  }, MCP_LIMITS.waitShownMs);
  try {
    return await work();
  } finally {
    clearTimeout(timer);
    if (said) void said.then(async () => await noteWait(sessionId, name, false));
  }
}
