import { customCtx, customMutation, customQuery } from "convex-helpers/server/customFunctions";
import { ConvexError } from "convex/values";
import { ROLES, type Role, roleAtLeast, type Scope } from "../lib/domain/roles.ts";
import type { Doc, Id } from "./_generated/dataModel";
import {
  httpAction,
  internalMutation,
  internalQuery,
  mutation,
  type MutationCtx,
  query,
  type QueryCtx,
} from "./_generated/server";

/** Codes of refusals; the server turns each into an HTTP status. */
export type RefusalCode =
  | "unauthenticated"
  | "forbidden"
  | "not_found"
  | "invalid_request"
  | "session_stopped"
  | "session_limit"
  | "queue_full"
  | "not_waiting"
  | "already_decided"
  | "lease_lost";

/** An expected refusal, with a sentence for the person who asked. */
export function refuse(
  code: RefusalCode,
  message: string,
): ConvexError<{ code: RefusalCode; message: string }> {
  return new ConvexError({ code, message });
}

/** What a function may ask for: the least role of a person, and the scope of a key. */
interface Need {
  min: Role;
  scope: Scope;
}

/** A person or their key, in one organization; made from the token's claims and checked against the live rows. */
export interface Caller {
  organizationId: Id<"organizations">;
  user: Doc<"users">;
  role: Role;
  key: Doc<"apiKeys"> | null;
}

/**
 * Whether a person's key is valid now: neither revoked nor expired, and made in their present membership. A key from
 * before they were removed does not come back with them.
 */
export function keyHolds(key: Doc<"apiKeys">, member: Doc<"members">): boolean {
  if (key.kind !== "user" || key.userId !== member.userId || key.revokedAt !== undefined) return false;
  if (key.expiresAt !== undefined && key.expiresAt <= Date.now()) return false;
  return key._creationTime >= member._creationTime;
}

type Claims = Record<string, unknown> & { kind?: unknown };

async function claims(ctx: QueryCtx | MutationCtx): Promise<Claims> {
  const identity = await ctx.auth.getUserIdentity();
  if (!identity) throw refuse("unauthenticated", "Sign in, or send an API key.");
  return identity;
}

async function callerOf(ctx: QueryCtx | MutationCtx, need: Need): Promise<Caller> {
  const claim = await claims(ctx);
  if (claim.kind !== "member" && claim.kind !== "apiKey")
    throw refuse("forbidden", "Only members and their keys may do this.");
  const organizationId = ctx.db.normalizeId("organizations", String(claim.org));
  const userId = ctx.db.normalizeId("users", String(claim.user));
  if (!organizationId || !userId) throw refuse("unauthenticated", "The token names no organization.");
  const [user, organization, member] = await Promise.all([
    ctx.db.get(userId),
    ctx.db.get(organizationId),
    ctx.db
      .query("members")
      .withIndex("by_organization_user", (q) => q.eq("organizationId", organizationId).eq("userId", userId))
      .unique(),
  ]);
  if (!user || !member || user.deletedAt !== undefined || organization?.deletedAt !== undefined)
    throw refuse("unauthenticated", "You are no longer a member of this organization.");
  let key: Doc<"apiKeys"> | null = null;
  if (claim.kind === "apiKey") {
    const keyId = ctx.db.normalizeId("apiKeys", String(claim.key));
    key = keyId && (await ctx.db.get(keyId));
    if (!key || key.organizationId !== organizationId || !keyHolds(key, member))
      throw refuse("unauthenticated", "This API key is no longer valid.");
    if (!key.scopes.includes(need.scope))
      throw refuse("forbidden", `This needs an API key with the scope ${need.scope}.`);
  }
  const claimed = ROLES.find((r) => r === claim.role) ?? "viewer";
  const role = roleAtLeast(member.role, claimed) ? claimed : member.role;
  if (!roleAtLeast(role, need.min))
    throw refuse("forbidden", `This needs the role ${need.min}; yours is ${role}.`);
  return { organizationId, user, role, key };
}

async function requireService(ctx: QueryCtx | MutationCtx): Promise<void> {
  if ((await claims(ctx)).kind !== "service")
    throw refuse("forbidden", "Only Studio's own servers may do this.");
}

/** A query for members and API keys of one organization; `ctx.caller` holds who asks. */
export const orgQuery = customQuery(query, {
  args: {},
  input: async (ctx, _args, need: Need) => ({ ctx: { caller: await callerOf(ctx, need) }, args: {} }),
});

/** A mutation for members and API keys of one organization. */
export const orgMutation = customMutation(mutation, {
  args: {},
  input: async (ctx, _args, need: Need) => ({ ctx: { caller: await callerOf(ctx, need) }, args: {} }),
});

/** A query for Studio's own servers. */
export const serviceQuery = customQuery(
  query,
  customCtx(async (ctx) => {
    await requireService(ctx);
    return {};
  }),
);

/** A mutation for Studio's own servers. */
export const serviceMutation = customMutation(
  mutation,
  customCtx(async (ctx) => {
    await requireService(ctx);
    return {};
  }),
);

/** Called by Convex itself, for scheduled work and HTTP actions, never from outside. */
export const systemMutation = internalMutation;
export const systemQuery = internalQuery;

/** A handler on the site URL; it must check its caller itself, by the key in the request. */
export const publicHttp = httpAction;
