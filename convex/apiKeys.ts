import { paginationOptsValidator, paginationResultValidator } from "convex/server";
import { v } from "convex/values";
import type { Doc, Id } from "./_generated/dataModel";
import type { QueryCtx } from "./_generated/server";
import { LIMITS } from "#domain/limits.ts";
import { SCOPES } from "#domain/roles.ts";
import {
  actorMutation,
  keyHolds,
  orgMutation,
  orgQuery,
  refuse,
  serviceMutation,
  serviceQuery,
} from "./functions.ts";
import { checkLease } from "./model/leases.ts";
import { streamOf } from "./model/sessions.ts";
import { listedKey } from "./model/returns.ts";
import { environment, keySource, role, sessionStatus } from "./model/values.ts";
import { literals } from "./model/zod-validator.ts";

/**
 * Stores a key's hash; the key itself was made by a server, and shown to its maker alone.
 * @throws invalid_request where the hash is another key's
 */
export const create = actorMutation({
  min: "admin",
  scope: "keys:write",
  audit: "entry",
  bounds: {
    name: LIMITS.apiKeyName,
    hash: LIMITS.hash,
    last4: LIMITS.last4,
    scopes: LIMITS.scopes,
    expiresAt: LIMITS.moment,
  },
  args: {
    name: v.string(),
    hash: v.string(),
    last4: v.string(),
    scopes: v.array(literals(SCOPES)),
    environment,
    expiresAt: v.optional(v.number()),
  },
  returns: v.id("apiKeys"),
  handler: async (ctx, args) => {
    const { caller } = ctx;
    // A key must not make a key that may do more than itself.
    const missing = caller.key && args.scopes.filter((scope) => !caller.key?.scopes.includes(scope));
    if (missing && missing.length > 0) throw refuse("api_key_grants_scope", { scope: missing[0] ?? "" });
    // Nor one that outlives it, or works where it does not.
    const until = caller.key?.expiresAt;
    if (until !== undefined && (args.expiresAt === undefined || args.expiresAt > until))
      throw refuse("api_key_outlives", { expiresAt: new Date(until).toISOString() });
    if (caller.key && caller.key.environment !== args.environment)
      throw refuse("api_key_other_environment", { environment: caller.key.environment });
    const known = await ctx.db
      .query("apiKeys")
      .withIndex("by_hash", (q) => q.eq("hash", args.hash))
      .first();
    if (known) throw refuse("api_key_hash_taken");
    const id = await ctx.db.insert("apiKeys", {
      ...args,
      kind: "user",
      organizationId: caller.organizationId,
      userId: caller.user._id,
    });
    await ctx.report({
      action: "api_key.created",
      target: `${args.name} …${args.last4}`,
      after: { scopes: args.scopes, environment: args.environment, expires_at: args.expiresAt ?? null },
    });
    return id;
  },
});

function shown(row: Doc<"apiKeys">, lastUsedAt: number | null) {
  return {
    id: row._id,
    name: row.name,
    last4: row.last4,
    scopes: row.scopes,
    environment: row.environment,
    userId: row.userId,
    createdAt: Math.floor(row._creationTime),
    expiresAt: row.expiresAt ?? null,
    revokedAt: row.revokedAt ?? null,
    lastUsedAt,
  };
}

async function lastUse(ctx: QueryCtx, keyId: Id<"apiKeys">) {
  return await ctx.db
    .query("apiKeyUses")
    .withIndex("by_key", (q) => q.eq("keyId", keyId))
    .unique();
}

/** The organization's keys, newest first, without the sandboxes' own. */
export const list = orgQuery({
  min: "admin",
  scope: "keys:read",
  args: { paginationOpts: paginationOptsValidator },
  returns: paginationResultValidator(listedKey),
  handler: async (ctx, { paginationOpts }) => {
    const result = await ctx.db
      .query("apiKeys")
      .withIndex("by_organization_kind", (q) =>
        q.eq("organizationId", ctx.caller.organizationId).eq("kind", "user"),
      )
      .order("desc")
      .paginate(paginationOpts);
    const page = await Promise.all(
      result.page.map(async (row) => shown(row, (await lastUse(ctx, row._id))?.at ?? null)),
    );
    return { ...result, page };
  },
});

/** Ends a key, at once and for good. Again, it does nothing. @throws not_found */
export const revoke = orgMutation({
  min: "admin",
  scope: "keys:write",
  audit: "entry",
  args: { keyId: v.string() },
  returns: v.null(),
  handler: async (ctx, { keyId }) => {
    const id = ctx.db.normalizeId("apiKeys", keyId);
    const row = id && (await ctx.db.get(id));
    if (!row || row.organizationId !== ctx.caller.organizationId || row.kind !== "user")
      throw refuse("api_key_not_found");
    if (row.revokedAt !== undefined) {
      await ctx.report(null);
      return null;
    }
    await ctx.db.patch(row._id, { revokedAt: Date.now() });
    await ctx.report({ action: "api_key.revoked", target: `${row.name} …${row.last4}` });
    return null;
  },
});

/** Notes that a key was used; the server says so at most once a minute for each. */
export const touch = serviceMutation({
  args: { keyId: v.id("apiKeys") },
  returns: v.null(),
  handler: async (ctx, { keyId }) => {
    const known = await lastUse(ctx, keyId);
    if (known) await ctx.db.patch(known._id, { at: Date.now() });
    else await ctx.db.insert("apiKeyUses", { keyId, at: Date.now() });
    return null;
  },
});

/**
 * The keys that a sandbox holds; they end with its session. One of a kind: a new one ends the one before.
 * @throws lease_lost where another server holds the session: the keys are those of its sandbox
 */
export const createForSandbox = serviceMutation({
  args: {
    sessionId: v.id("sandboxSessions"),
    generation: v.number(),
    keys: v.array(
      v.object({
        kind: v.union(v.literal("gateway"), v.literal("sync"), v.literal("git")),
        hash: v.string(),
        last4: v.string(),
      }),
    ),
  },
  returns: v.null(),
  handler: async (ctx, { sessionId, generation, keys }) => {
    const session = await ctx.db.get(sessionId);
    if (!session) return;
    checkLease(await streamOf(ctx, sessionId), generation);
    const before = await ctx.db
      .query("apiKeys")
      .withIndex("by_session", (q) => q.eq("sessionId", sessionId))
      .take(10);
    for (const { _id, kind } of before) if (keys.some((key) => key.kind === kind)) await ctx.db.delete(_id);
    // A sandbox that gets a token for the gateway does not get the key itself.
    if (session.rawKey && keys.some(({ kind }) => kind === "gateway"))
      await ctx.db.patch(sessionId, { rawKey: false });
    for (const key of keys)
      await ctx.db.insert("apiKeys", {
        ...key,
        organizationId: session.organizationId,
        userId: session.userId,
        name: `Sandbox of ${session.title}`.slice(0, 100),
        scopes: [],
        environment: session.environment,
        sessionId,
      });
  },
});

/** Who stands behind a person's key, by its hash; null where it is not valid. */
export const authenticate = serviceQuery({
  args: { hash: v.string() },
  returns: v.nullable(
    v.object({
      keyId: v.id("apiKeys"),
      organizationId: v.id("organizations"),
      userId: v.id("users"),
      name: v.string(),
      role,
      scopes: v.array(v.string()),
      environment,
      expiresAt: v.nullable(v.number()),
    }),
  ),
  handler: async (ctx, { hash }) => {
    const key = await ctx.db
      .query("apiKeys")
      .withIndex("by_hash", (q) => q.eq("hash", hash))
      .unique();
    if (!key || key.kind !== "user" || key.revokedAt !== undefined) return null;
    const organization = await ctx.db.get(key.organizationId);
    const member = await ctx.db
      .query("members")
      .withIndex("by_organization_user", (q) =>
        q.eq("organizationId", key.organizationId).eq("userId", key.userId),
      )
      .unique();
    const user = await ctx.db.get(key.userId);
    if (!member || !user || !keyHolds(key, member)) return null;
    if (user.deletedAt !== undefined || organization?.deletedAt !== undefined) return null;
    return {
      keyId: key._id,
      organizationId: key.organizationId,
      userId: key.userId,
      name: user.name,
      role: member.role,
      scopes: key.scopes,
      environment: key.environment,
      expiresAt: key.expiresAt ?? null,
    };
  },
});

/** The session behind a gateway token, by its hash; null where the token, or the session, has ended. */
export const gatewaySession = serviceQuery({
  args: { hash: v.string() },
  returns: v.nullable(
    v.object({
      sessionId: v.id("sandboxSessions"),
      organizationId: v.id("organizations"),
      status: sessionStatus,
      provider: v.string(),
      model: v.string(),
      keySource,
      /** The trace of the run at work. */
      traceparent: v.optional(v.string()),
    }),
  ),
  handler: async (ctx, { hash }) => {
    const key = await ctx.db
      .query("apiKeys")
      .withIndex("by_hash", (q) => q.eq("hash", hash))
      .unique();
    if (!key?.sessionId || key.kind !== "gateway" || key.revokedAt !== undefined) return null;
    const session = await ctx.db.get(key.sessionId);
    if (!session) return null;
    const run = session.activeRunId && (await ctx.db.get(session.activeRunId));
    return {
      sessionId: session._id,
      organizationId: session.organizationId,
      status: session.status,
      provider: session.provider,
      model: session.model,
      keySource: session.keySource,
      ...(run?.traceparent !== undefined && { traceparent: run.traceparent }),
    };
  },
});
