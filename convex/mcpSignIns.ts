import { v } from "convex/values";
import { LIMITS } from "#domain/limits.ts";
import { MCP_LIMITS } from "#domain/mcp.ts";
import type { Doc } from "./_generated/dataModel";
import { actorMutation, refuse, serviceMutation, serviceQuery } from "./functions.ts";
import { dataKey, dataKeyOf } from "./model/data-keys.ts";
import { dropMcpGrant, mcpGrantOf, mcpServerOf } from "./model/mcp.ts";
import { shown, shownServer } from "./mcpServers.ts";
import type { QueryCtx } from "./_generated/server";

/** How long a server of Studio's may take to fetch the next token. */
const REFRESH_MS = 60_000;

const sealedSignIn = v.object({ ciphertext: v.string(), version: v.number() });
const SEALED = {
  kind: "fields",
  fields: { ciphertext: LIMITS.mcpGrant, version: LIMITS.keyVersion },
} as const;

/** What a remote server has given, as it is sealed. */
const stored = v.object({
  grantId: v.id("mcpGrants"),
  organizationId: v.id("organizations"),
  ciphertext: v.string(),
  version: v.number(),
  expiresAt: v.optional(v.number()),
  dataKey,
});

async function storedOf(ctx: QueryCtx, grant: Doc<"mcpGrants">): Promise<typeof stored.type | null> {
  const key = await dataKeyOf(ctx, grant.organizationId);
  if (!key) return null;
  const { organizationId, ciphertext, version, expiresAt } = grant;
  return {
    grantId: grant._id,
    organizationId,
    ciphertext,
    version,
    ...(expiresAt !== undefined && { expiresAt }),
    dataKey: key,
  };
}

/**
 * Notes that a person goes to sign in to a remote server, in place of what they began there before.
 * @param args `stateHash`: of what comes back with them; `ciphertext`: what is needed then
 * @throws mcp_not_found
 */
export const begin = actorMutation({
  min: "admin",
  scope: "settings:write",
  audit: { none: "what somebody signs in to is noted once they are back" },
  bounds: { stateHash: LIMITS.mcpDigest, ciphertext: LIMITS.mcpGrant },
  args: { serverId: v.string(), stateHash: v.string(), ciphertext: v.string() },
  returns: v.null(),
  handler: async (ctx, { serverId: rawId, stateHash, ciphertext }) => {
    const { organizationId, user } = ctx.caller;
    const { _id: serverId } = await mcpServerOf(ctx, organizationId, rawId);
    const before = await ctx.db
      .query("mcpSignIns")
      .withIndex("by_server_user", (q) => q.eq("serverId", serverId).eq("userId", user._id))
      .unique();
    if (before) await ctx.db.delete(before._id);
    const expiresAt = Date.now() + MCP_LIMITS.signInMs;
    await ctx.db.insert("mcpSignIns", {
      organizationId,
      serverId,
      userId: user._id,
      stateHash,
      ciphertext,
      expiresAt,
    });
  },
});

/**
 * Takes a sign-in that a person is back from: once, in time, by the same person in the same organization.
 * @throws mcp_sign_in_over
 */
export const take = actorMutation({
  min: "admin",
  scope: "settings:write",
  audit: { none: "what somebody signs in to is noted once its tokens are there" },
  bounds: { stateHash: LIMITS.mcpDigest },
  args: { stateHash: v.string() },
  returns: v.object({
    server: v.object({ ...shownServer.fields, version: v.number() }),
    organizationId: v.id("organizations"),
    ciphertext: v.string(),
    dataKey,
    /** Of what is sealed next. */
    nextVersion: v.number(),
  }),
  handler: async (ctx, { stateHash }) => {
    const { organizationId, user } = ctx.caller;
    const begun = await ctx.db
      .query("mcpSignIns")
      .withIndex("by_state", (q) => q.eq("stateHash", stateHash))
      .unique();
    if (begun?.organizationId !== organizationId || begun.userId !== user._id)
      throw refuse("mcp_sign_in_over");
    const server = await ctx.db.get(begun.serverId);
    const key = await dataKeyOf(ctx, organizationId);
    if (begun.expiresAt <= Date.now() || !server || !key) throw refuse("mcp_sign_in_over");
    await ctx.db.delete(begun._id);
    const grant = await mcpGrantOf(ctx, begun.serverId);
    return {
      server: { ...shown(server), version: server.version },
      organizationId,
      ciphertext: begun.ciphertext,
      dataKey: key,
      nextVersion: (grant?.version ?? 0) + 1,
    };
  },
});

/**
 * Keeps what a remote server has given for a person's sign-in.
 * @param args `version`: of the server that was signed in to
 * @throws mcp_not_found | mcp_race where the server is another by now, or another sign-in came between
 */
export const keep = actorMutation({
  min: "admin",
  scope: "settings:write",
  audit: "entry",
  bounds: { version: LIMITS.keyVersion, sealed: SEALED, expiresAt: LIMITS.mcpExpiresAt },
  args: {
    serverId: v.string(),
    version: v.number(),
    sealed: sealedSignIn,
    expiresAt: v.optional(v.number()),
  },
  returns: shownServer,
  handler: async (ctx, { serverId: rawId, version, sealed, expiresAt }) => {
    const { organizationId } = ctx.caller;
    const row = await mcpServerOf(ctx, organizationId, rawId);
    const known = await mcpGrantOf(ctx, row._id);
    if (row.version !== version || (known?.version ?? 0) + 1 !== sealed.version) throw refuse("mcp_race");
    const grant = {
      organizationId,
      serverId: row._id,
      ...sealed,
      ...(expiresAt !== undefined && { expiresAt }),
    };
    if (known) await ctx.db.replace(known._id, grant);
    else await ctx.db.insert("mcpGrants", grant);
    await ctx.db.patch(row._id, { signIn: "active", signedInAt: Date.now() });
    await ctx.report({ action: "mcp.signed_in", target: row.name, after: { url: row.url ?? null } });
    return shown((await ctx.db.get(row._id))!);
  },
});

/**
 * Forgets what a remote server has given.
 * @returns what that was, so that its server can be told; null where there was nothing
 * @throws mcp_not_found
 */
export const drop = actorMutation({
  min: "admin",
  scope: "settings:write",
  audit: "entry",
  args: { serverId: v.string() },
  returns: v.nullable(stored),
  handler: async (ctx, { serverId: rawId }) => {
    const row = await mcpServerOf(ctx, ctx.caller.organizationId, rawId);
    const grant = await mcpGrantOf(ctx, row._id);
    if (!grant) {
      await ctx.report(null);
      return null;
    }
    await dropMcpGrant(ctx, row._id);
    await ctx.db.patch(row._id, { signIn: undefined, signedInAt: undefined });
    await ctx.report({ action: "mcp.signed_out", target: row.name, before: { url: row.url ?? null } });
    return await storedOf(ctx, grant);
  },
});

/** What a remote server has given; null where nobody has signed in to it, or where that is lost. */
export const grant = serviceQuery({
  args: { serverId: v.id("mcpServers") },
  returns: v.nullable(stored),
  handler: async (ctx, { serverId }) => {
    const row = await mcpGrantOf(ctx, serverId);
    return row && (await storedOf(ctx, row));
  },
});

/** Takes the fetching of the next token, so that no other server of Studio's does. @returns false where one has it */
export const claim = serviceMutation({
  args: { grantId: v.id("mcpGrants"), version: v.number() },
  returns: v.boolean(),
  handler: async (ctx, { grantId, version }) => {
    const row = await ctx.db.get(grantId);
    const now = Date.now();
    if (row?.version !== version || (row.refreshUntil ?? 0) > now) return false;
    await ctx.db.patch(row._id, { refreshUntil: now + REFRESH_MS });
    return true;
  },
});

/** Keeps the next token, or gives the fetching of it back. @returns false where another sign-in came between */
export const refreshed = serviceMutation({
  args: {
    grantId: v.id("mcpGrants"),
    version: v.number(),
    sealed: v.optional(sealedSignIn),
    expiresAt: v.optional(v.number()),
  },
  returns: v.boolean(),
  handler: async (ctx, { grantId, version, sealed, expiresAt }) => {
    const row = await ctx.db.get(grantId);
    if (row?.version !== version) return false;
    if (!sealed) await ctx.db.patch(row._id, { refreshUntil: undefined });
    else await ctx.db.patch(row._id, { ...sealed, expiresAt, refreshUntil: undefined });
    return true;
  },
});

/** Forgets tokens that their server no longer takes: somebody has to sign in again. */
export const lost = serviceMutation({
  args: { grantId: v.id("mcpGrants"), version: v.number() },
  returns: v.null(),
  handler: async (ctx, { grantId, version }) => {
    const row = await ctx.db.get(grantId);
    if (row?.version !== version) return;
    await ctx.db.delete(row._id);
    if (await ctx.db.get(row.serverId)) await ctx.db.patch(row.serverId, { signIn: "lost" });
  },
});
