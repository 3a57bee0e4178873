import { MAX_SESSION_MCP_SERVERS } from "#domain/mcp.ts";
import type { Doc, Id } from "../_generated/dataModel";
import type { MutationCtx, QueryCtx } from "../_generated/server";
import { pinnedAgentOf } from "./agents.ts";
import { mcpListOf, mcpServersOf } from "./mcp.ts";
import { fixedOf } from "./session-pins.ts";

type Ctx = QueryCtx | MutationCtx;
type Parts = readonly { name: string; hash: string }[];

/** The rows of the servers that a session has. */
export const sessionServersOf = async (ctx: Ctx, sessionId: Id<"sandboxSessions">) =>
  await ctx.db
    .query("sessionMcpServers")
    .withIndex("by_session", (q) => q.eq("sessionId", sessionId))
    .take(MAX_SESSION_MCP_SERVERS);

/** The names of a server's approved tools, of a list from before they were kept apart. */
async function namesInList(ctx: QueryCtx, serverId: Id<"mcpServers">): Promise<string[]> {
  const list = await mcpListOf(ctx, serverId, "approved");
  return ((list ? JSON.parse(list.tools) : []) as { name: string }[]).map(({ name }) => name);
}

/** Those of a list's tools that are in another one as they are. Pure. */
export function unchangedTools(then: Parts, now: Parts): { name: string; hash: string }[] {
  const hashes = new Map(now.map(({ name, hash }) => [name, hash]));
  return then.filter(({ name, hash }) => hashes.get(name) === hash).map(({ name, hash }) => ({ name, hash }));
}

/** What a row keeps of its tools, each with what it was. */
export const partsOf = ({ toolNames, toolHashes = [] }: Doc<"sessionMcpServers">) =>
  toolNames.map((name, at) => ({ name, hash: toolHashes[at] ?? "" }));

/**
 * The tools of a server that a session gets, by name; null for all that are approved. One that repeats another gets those
 * that are approved as they were then.
 */
export function onlyTools(its: Doc<"sessionMcpServers">, server: Doc<"mcpServers">): string[] | null {
  if (its.isNarrowed !== true) return null;
  return unchangedTools(partsOf(its), server.approvedParts ?? []).map(({ name }) => name);
}

/**
 * Gives a session its servers: those that its agent names, without an agent all that are on, with one that only reads
 * none; where it repeats another session, those of that one. What it gets is kept, so that what differs from it later can
 * be told.
 */
export async function giveServers(
  ctx: MutationCtx,
  { _id: sessionId, organizationId }: Doc<"sandboxSessions">,
): Promise<{ serverId: Id<"mcpServers">; only: string[] | null }[]> {
  const agent = await pinnedAgentOf(ctx, sessionId);
  const fixed = (await fixedOf(ctx, sessionId))?.servers ?? null;
  const wanted = agent && new Set(agent.mcpServers ?? []);
  // One that only reads is offered nothing of which nobody knows what it does.
  const all = agent?.toolsMode === "sandboxed" ? [] : await mcpServersOf(ctx, organizationId);
  const chosen = all
    .filter(
      ({ enabled, name }) =>
        enabled &&
        (wanted === null || wanted.has(name)) &&
        (fixed === null || fixed.some((one) => one.name === name)),
    )
    .slice(0, MAX_SESSION_MCP_SERVERS);
  for (const row of await sessionServersOf(ctx, sessionId)) await ctx.db.delete(row._id);
  const given = [];
  for (const row of chosen) {
    const { approvedDigest, approvedParts } = row;
    const then = fixed?.find(({ name }) => name === row.name);
    const isNarrowed = then !== undefined && then.digest !== approvedDigest;
    const parts = isNarrowed ? unchangedTools(then.tools, approvedParts ?? []) : approvedParts;
    if (isNarrowed && parts?.length === 0) continue;
    if (approvedDigest !== undefined)
      await ctx.db.insert("sessionMcpServers", {
        organizationId,
        sessionId,
        serverId: row._id,
        name: row.name,
        digest: isNarrowed ? then.digest : approvedDigest,
        toolNames: parts?.map(({ name }) => name) ?? (await namesInList(ctx, row._id)),
        ...(parts && { toolHashes: parts.map(({ hash }) => hash) }),
        ...(isNarrowed && { isNarrowed }),
      });
    given.push({ serverId: row._id, only: isNarrowed ? (parts ?? []).map(({ name }) => name) : null });
  }
  return given;
}
