import { v } from "convex/values";
import { MAX_MCP_SERVERS, MCP_DAYS, MCP_STATUSES, MCP_TRANSPORTS, type McpTransport } from "#domain/mcp.ts";
import type { Doc, Id } from "../_generated/dataModel";
import type { MutationCtx, QueryCtx } from "../_generated/server";
import { refuse } from "./refusal.ts";
import { literals } from "./zod-validator.ts";

/** An MCP server as an admin describes it; the values of its variables and headers are sealed apart. */
export const mcpServerFields = {
  name: v.string(),
  transport: literals(MCP_TRANSPORTS),
  /** Of stdio: the program, which runs in the sandbox. */
  command: v.optional(v.string()),
  args: v.optional(v.array(v.string())),
  /** Of the others. */
  url: v.optional(v.string()),
  /** The last characters of each variable's value, by its name. */
  env: v.record(v.string(), v.string()),
  headers: v.record(v.string(), v.string()),
};

/** What a try to reach a server has found. */
export const mcpFound = {
  status: literals(MCP_STATUSES),
  statusDetail: v.optional(v.string()),
  /** What the server says of itself. */
  serverInfo: v.optional(v.string()),
  latencyMs: v.optional(v.number()),
};

/** Whether somebody has signed in to a remote server; `lost`: it no longer takes what it gave. */
export const mcpSignedIn = {
  signIn: v.optional(v.union(v.literal("active"), v.literal("lost"))),
  signedInAt: v.optional(v.number()),
};

/** How often Studio looks by itself at servers that are on: one in a sandbox takes that sandbox's start. */
export const lookAgainMs = (transport: McpTransport): number =>
  (transport === "stdio" ? 12 : 1) * 60 * 60_000;

/** Each tool's name, with the SHA-256 of what agents are told of it. */
export const mcpToolParts = v.array(v.object({ name: v.string(), hash: v.string() }));
type McpToolParts = typeof mcpToolParts.type;

/** A list of tools, as `toolsText` writes it, and the SHA-256 of that. */
export const mcpTools = {
  tools: v.string(),
  digest: v.string(),
  count: v.number(),
  /** Without it in lists from before it was kept. */
  parts: v.optional(mcpToolParts),
};
export const MCP_LISTS = ["approved", "found"] as const;
export type McpList = (typeof MCP_LISTS)[number];

/** Calls of a server's tools, and what they took. */
export const mcpCalls = {
  calls: v.number(),
  errors: v.number(),
  /** Of all of them together, and of the longest. */
  totalMs: v.number(),
  maxMs: v.number(),
  /** UTF-8 bytes that agents were given: what the server costs is what models read of it. */
  resultBytes: v.number(),
};
/** A call that failed: which tool's, and why, in words. */
export const mcpFailure = v.object({ at: v.number(), tool: v.string(), message: v.string() });

type Ctx = QueryCtx | MutationCtx;

/** An organization's MCP servers, by their names: few. */
export async function mcpServersOf(
  ctx: Ctx,
  organizationId: Id<"organizations">,
): Promise<Doc<"mcpServers">[]> {
  return await ctx.db
    .query("mcpServers")
    .withIndex("by_name", (q) => q.eq("organizationId", organizationId))
    .take(MAX_MCP_SERVERS);
}

/** One of them, by its name; null where there is none. */
export async function mcpServerNamed(
  ctx: Ctx,
  organizationId: Id<"organizations">,
  name: string,
): Promise<Doc<"mcpServers"> | null> {
  return await ctx.db
    .query("mcpServers")
    .withIndex("by_name", (q) => q.eq("organizationId", organizationId).eq("name", name))
    .unique();
}

/** The server behind an id as it came from outside, if it is the organization's. @throws mcp_not_found */
export async function mcpServerOf(
  ctx: Ctx,
  organizationId: Id<"organizations">,
  rawId: string,
): Promise<Doc<"mcpServers">> {
  const id = ctx.db.normalizeId("mcpServers", rawId);
  const row = id && (await ctx.db.get(id));
  if (row?.organizationId !== organizationId) throw refuse("mcp_not_found");
  return row;
}

/** A server's tools: those that agents get, or those that it was last found to offer. */
export async function mcpListOf(
  ctx: Ctx,
  serverId: Id<"mcpServers">,
  list: McpList,
): Promise<Doc<"mcpToolLists"> | null> {
  return await ctx.db
    .query("mcpToolLists")
    .withIndex("by_server_list", (q) => q.eq("serverId", serverId).eq("list", list))
    .unique();
}

/** Lists of a server's that were approved before its present one, and are kept for those sessions that got them. */
const MAX_PAST_LISTS = 5;

/** A list that was approved before, by its digest; null where it isn't kept. */
export async function pastMcpList(
  ctx: Ctx,
  serverId: Id<"mcpServers">,
  digest: string,
): Promise<Doc<"mcpPastLists"> | null> {
  return await ctx.db
    .query("mcpPastLists")
    .withIndex("by_server_digest", (q) => q.eq("serverId", serverId).eq("digest", digest))
    .first();
}

async function keepPast(ctx: MutationCtx, before: Doc<"mcpToolLists">): Promise<void> {
  const { organizationId, serverId, digest, tools } = before;
  const known = await pastMcpList(ctx, serverId, digest);
  if (known) await ctx.db.delete(known._id);
  await ctx.db.insert("mcpPastLists", { organizationId, serverId, digest, tools, at: Date.now() });
  const kept = await ctx.db
    .query("mcpPastLists")
    .withIndex("by_server_at", (q) => q.eq("serverId", serverId))
    .take(MAX_PAST_LISTS + 1);
  if (kept.length > MAX_PAST_LISTS) await ctx.db.delete(kept[0]!._id);
}

/** Puts a list of tools in place of the one before; one that was approved is kept for a while. */
export async function putMcpList(
  ctx: MutationCtx,
  { _id: serverId, organizationId }: Doc<"mcpServers">,
  list: McpList,
  tools: { tools: string; digest: string; count: number; parts?: McpToolParts },
): Promise<void> {
  const known = await mcpListOf(ctx, serverId, list);
  if (known && list === "approved" && known.digest !== tools.digest) await keepPast(ctx, known);
  const row = { organizationId, serverId, list, ...tools, at: Date.now() };
  if (known) await ctx.db.replace(known._id, row);
  else await ctx.db.insert("mcpToolLists", row);
}

/** Forgets what was known of a server's tools. */
export async function dropMcpLists(ctx: MutationCtx, serverId: Id<"mcpServers">): Promise<void> {
  for (const list of MCP_LISTS) {
    const row = await mcpListOf(ctx, serverId, list);
    if (row) await ctx.db.delete(row._id);
  }
  const past = await ctx.db
    .query("mcpPastLists")
    .withIndex("by_server_at", (q) => q.eq("serverId", serverId))
    .take(MAX_PAST_LISTS + 1);
  for (const { _id } of past) await ctx.db.delete(_id);
}

/** What a remote server has given for a sign-in; null where there is none. */
export async function mcpGrantOf(ctx: Ctx, serverId: Id<"mcpServers">): Promise<Doc<"mcpGrants"> | null> {
  return await ctx.db
    .query("mcpGrants")
    .withIndex("by_server", (q) => q.eq("serverId", serverId))
    .unique();
}

/** More sign-ins of one server than its organization has admins are none. */
const MAX_SIGN_INS = 200;

/** Forgets what a server has given, and sign-ins that were begun. */
export async function dropMcpGrant(ctx: MutationCtx, serverId: Id<"mcpServers">): Promise<void> {
  const grant = await mcpGrantOf(ctx, serverId);
  if (grant) await ctx.db.delete(grant._id);
  const begun = await ctx.db
    .query("mcpSignIns")
    .withIndex("by_server_user", (q) => q.eq("serverId", serverId))
    .take(MAX_SIGN_INS);
  for (const { _id } of begun) await ctx.db.delete(_id);
}

/** Forgets a server's calls. */
export async function dropMcpDays(ctx: MutationCtx, serverId: Id<"mcpServers">): Promise<void> {
  const days = await ctx.db
    .query("mcpDaily")
    .withIndex("by_server_day", (q) => q.eq("serverId", serverId))
    .take(2 * MCP_DAYS);
  for (const { _id } of days) await ctx.db.delete(_id);
}

/** What an export has of each. */
export const MCP_EXPORTED = [
  "name",
  "transport",
  "command",
  "args",
  "url",
  "env",
  "headers",
  "enabled",
  "status",
  "statusDetail",
  "toolsCount",
  "signIn",
  "signedInAt",
  "testedAt",
  "updatedAt",
] as const;
