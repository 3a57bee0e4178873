import { v } from "convex/values";
import { COMMAND_LOGIN, LOGIN_FLOWS, LOGIN_LIMITS, loginScopes } from "#domain/command-login.ts";
import { LIMITS } from "#domain/limits.ts";
import type { Doc } from "./_generated/dataModel";
import type { MutationCtx, QueryCtx } from "./_generated/server";
import { actorMutation, type Caller, orgQuery, refuse, serviceMutation } from "./functions.ts";
import { audit } from "./model/audit.ts";
import { environment, role } from "./model/values.ts";
import { literals } from "./model/zod-validator.ts";

/** Rows of logins that are over, removed with each new one. */
const SWEPT_ROWS = 50;
const flow = literals(LOGIN_FLOWS);

/**
 * Opens a login for a command that nobody knows yet: the server has counted where it came from.
 * @returns false where the code is taken, so that the server makes another one
 * @throws rate_limited where there are too many
 */
export const begin = serviceMutation({
  args: {
    secretHash: v.string(),
    code: v.string(),
    flow,
    machine: v.string(),
    environment,
    keyHash: v.string(),
    keyLast4: v.string(),
  },
  returns: v.boolean(),
  handler: async (ctx, args) => {
    const now = Date.now();
    const over = await ctx.db
      .query("commandLogins")
      .withIndex("by_expiry", (q) => q.lte("expiresAt", now))
      .take(SWEPT_ROWS);
    for (const { _id } of over) await ctx.db.delete(_id);
    const open = await ctx.db
      .query("commandLogins")
      .withIndex("by_expiry", (q) => q.gt("expiresAt", now))
      .take(COMMAND_LOGIN.maxOpen);
    if (open.length >= COMMAND_LOGIN.maxOpen) throw refuse("logins_full", { limit: COMMAND_LOGIN.maxOpen });
    if (open.some(({ code }) => code === args.code)) return false;
    const known = await ctx.db
      .query("apiKeys")
      .withIndex("by_hash", (q) => q.eq("hash", args.keyHash))
      .first();
    if (known) throw refuse("api_key_hash_taken");
    await ctx.db.insert("commandLogins", { ...args, expiresAt: now + COMMAND_LOGIN.openMs, askAt: now });
    return true;
  },
});

/** An open login, by its code, that nobody has decided, or this very person has. @throws not_found */
async function loginOf(
  ctx: QueryCtx | MutationCtx,
  { caller, code }: { caller: Caller; code: string },
): Promise<Doc<"commandLogins">> {
  const row = await ctx.db
    .query("commandLogins")
    .withIndex("by_code", (q) => q.eq("code", code))
    .first();
  const isOthers = row?.userId !== undefined && row.userId !== caller.user._id;
  if (!row || isOthers || row.expiresAt <= Date.now()) throw refuse("login_not_found");
  // A key must not make another one out of sight.
  if (caller.key) throw refuse("people_only");
  return row;
}

/** What a person is asked to confirm. @throws not_found */
export const show = orgQuery({
  min: "viewer",
  scope: "project:read",
  bounds: { code: LOGIN_LIMITS.code },
  args: { code: v.string() },
  returns: v.object({
    flow,
    machine: v.string(),
    environment,
    role,
    startedAt: v.number(),
    expiresAt: v.number(),
    decision: v.nullable(literals(["approved", "denied"])),
  }),
  handler: async (ctx, { code }) => {
    const row = await loginOf(ctx, { caller: ctx.caller, code });
    return {
      flow: row.flow,
      machine: row.machine,
      environment: row.environment,
      role: ctx.caller.role,
      startedAt: Math.floor(row._creationTime),
      expiresAt: row.expiresAt,
      decision: row.decision ?? null,
    };
  },
});

/**
 * Confirms or declines a login, for the organization that the person works in.
 * @throws not_found; already_decided
 */
export const decide = actorMutation({
  min: "viewer",
  scope: "project:read",
  audit: "entry",
  bounds: { code: LOGIN_LIMITS.code, handoverHash: LIMITS.hash },
  args: { code: v.string(), approve: v.boolean(), handoverHash: v.string() },
  returns: v.object({ flow }),
  handler: async (ctx, { code, approve, handoverHash }) => {
    const { caller } = ctx;
    const row = await loginOf(ctx, { caller, code });
    if (row.decision) throw refuse("login_decided");
    await ctx.db.patch(row._id, {
      decision: approve ? "approved" : "denied",
      organizationId: caller.organizationId,
      userId: caller.user._id,
      ...(row.flow === "browser" && { handoverHash }),
    });
    await ctx.report({
      action: approve ? "command_login.approved" : "command_login.denied",
      target: `${row.machine} …${row.keyLast4}`,
      after: { environment: row.environment, scopes: approve ? loginScopes(caller.role) : [] },
    });
    return { flow: row.flow };
  },
});

const claimed = v.union(
  v.object({ status: v.literal("pending") }),
  v.object({ status: v.literal("denied") }),
  v.object({
    status: v.literal("approved"),
    organization: v.object({ id: v.id("organizations"), slug: v.string(), name: v.string() }),
    environment,
    expiresAt: v.number(),
  }),
);

/** Makes the login's key, once; its owner must still be a member. @throws not_found */
async function keyOfLogin(ctx: MutationCtx, row: Doc<"commandLogins">, address: string | undefined) {
  const { organizationId, userId } = row;
  if (!organizationId || !userId) throw refuse("login_not_found");
  const [organization, user, member, known] = await Promise.all([
    ctx.db.get(organizationId),
    ctx.db.get(userId),
    ctx.db
      .query("members")
      .withIndex("by_organization_user", (q) => q.eq("organizationId", organizationId).eq("userId", userId))
      .unique(),
    ctx.db
      .query("apiKeys")
      .withIndex("by_hash", (q) => q.eq("hash", row.keyHash))
      .first(),
  ]);
  const isGone = !user || user.deletedAt !== undefined || organization?.deletedAt !== undefined;
  if (!organization || !member || isGone) throw refuse("login_not_found");
  // An answer that was lost is asked for again.
  if (known) return { organization, expiresAt: known.expiresAt ?? 0 };
  const expiresAt = Date.now() + COMMAND_LOGIN.keyMs;
  const scopes = loginScopes(member.role);
  const name = `struere on ${row.machine}`;
  const keyId = await ctx.db.insert("apiKeys", {
    organizationId,
    userId,
    name,
    kind: "user",
    hash: row.keyHash,
    last4: row.keyLast4,
    scopes,
    environment: row.environment,
    expiresAt,
    ofLogin: true,
  });
  await audit(ctx, {
    organizationId,
    actor: { kind: "apiKey", userId, keyId },
    from: { via: "cli", ...(address !== undefined && { address }) },
    action: "api_key.created",
    target: `${name} …${row.keyLast4}`,
    after: { scopes, environment: row.environment, expires_at: expiresAt },
  });
  return { organization, expiresAt };
}

/**
 * What has become of a login, asked by the command that began it. Once it is approved (and, in a browser, handed over
 * on the command's own machine), its key is made.
 * @throws not_found; rate_limited where it asks too often
 */
export const claim = serviceMutation({
  args: {
    secretHash: v.string(),
    handoverHash: v.optional(v.string()),
    address: v.optional(v.string()),
  },
  returns: claimed,
  handler: async (ctx, { secretHash, handoverHash, address }) => {
    const row = await ctx.db
      .query("commandLogins")
      .withIndex("by_secret", (q) => q.eq("secretHash", secretHash))
      .unique();
    const now = Date.now();
    if (!row || row.expiresAt <= now) throw refuse("login_not_found");
    if (handoverHash !== undefined && handoverHash !== row.handoverHash) throw refuse("login_not_found");
    if (row.decision === "denied") return { status: "denied" as const };
    const isReady = row.decision === "approved" && (row.flow === "device" || handoverHash !== undefined);
    if (!isReady) {
      if (now < row.askAt) throw refuse("login_too_early", { seconds: Math.ceil((row.askAt - now) / 1_000) });
      // A little less than the command waits, since networks are not even.
      await ctx.db.patch(row._id, { askAt: now + COMMAND_LOGIN.pollMs / 2 });
      return { status: "pending" as const };
    }
    const { organization, expiresAt } = await keyOfLogin(ctx, row, address);
    return {
      status: "approved" as const,
      organization: { id: organization._id, slug: organization.slug, name: organization.name },
      environment: row.environment,
      expiresAt,
    };
  },
});
