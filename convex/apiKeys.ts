import { v } from "convex/values";
import { orgMutation, serviceMutation, serviceQuery } from "./functions.ts";
import { environment } from "./schema.ts";

/** Stores a key's hash; the key itself was shown to its maker alone. */
export const create = orgMutation({
  min: "admin",
  scope: "keys:write",
  args: {
    name: v.string(),
    hash: v.string(),
    last4: v.string(),
    scopes: v.array(v.string()),
    environment,
    expiresAt: v.optional(v.number()),
  },
  handler: async (ctx, args) =>
    await ctx.db.insert("apiKeys", {
      ...args,
      kind: "user",
      organizationId: ctx.caller.organizationId,
      userId: ctx.caller.user._id,
    }),
});

/** The two keys that a sandbox holds; they end with its session. */
export const createForSandbox = serviceMutation({
  args: {
    sessionId: v.id("sandboxSessions"),
    keys: v.array(
      v.object({
        kind: v.union(v.literal("gateway"), v.literal("sync")),
        hash: v.string(),
        last4: v.string(),
      }),
    ),
  },
  handler: async (ctx, { sessionId, keys }) => {
    const session = await ctx.db.get(sessionId);
    if (!session) return;
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

/** Who stands behind a person's key, by its hash; null where it is not valid (any more). */
export const authenticate = serviceQuery({
  args: { hash: v.string() },
  handler: async (ctx, { hash }) => {
    const key = await ctx.db
      .query("apiKeys")
      .withIndex("by_hash", (q) => q.eq("hash", hash))
      .unique();
    if (!key || key.kind !== "user" || key.revokedAt !== undefined) return null;
    const member = await ctx.db
      .query("members")
      .withIndex("by_organization_user", (q) =>
        q.eq("organizationId", key.organizationId).eq("userId", key.userId),
      )
      .unique();
    const user = await ctx.db.get(key.userId);
    if (!member || !user) return null;
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
  handler: async (ctx, { hash }) => {
    const key = await ctx.db
      .query("apiKeys")
      .withIndex("by_hash", (q) => q.eq("hash", hash))
      .unique();
    if (!key?.sessionId || key.kind !== "gateway" || key.revokedAt !== undefined) return null;
    const session = await ctx.db.get(key.sessionId);
    if (!session) return null;
    return {
      sessionId: session._id,
      status: session.status,
      provider: session.provider,
      model: session.model,
      keySource: session.keySource,
    };
  },
});
