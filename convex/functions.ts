import { customCtx, customMutation, customQuery } from "convex-helpers/server/customFunctions";
import { type ObjectType, v } from "convex/values";
import { AUDIT_CHANNELS, type AuditAction, type AuditOrigin } from "#domain/audit.ts";
import { type Operator, OPERATOR_CHANNELS } from "#domain/operator.ts";
import { ROLES, type Role, roleAtLeast, type Scope } from "#domain/roles.ts";
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
import { PAGE_BYTES } from "./model/paging.ts";
import { type AuditActor, type AuditEntry, audit } from "./model/audit.ts";
import { type Bounds, checkBounds, refusingCursors } from "./model/bounds.ts";
import { actOf, type OperatorAct } from "./model/operator-audit.ts";
import { refuse } from "./model/refusal.ts";
import { literals } from "./model/zod-validator.ts";

export { refuse };

/** What a function may ask for: the least role of a person, and the scope of a key. */
interface Need {
  min: Role;
  scope: Scope;
  /** Of arguments that are more than an id, a word or a count. */
  bounds?: Bounds;
}

/**
 * What a write leaves behind: an entry in the audit log for each `ctx.report` of its handler; or nothing there, since
 * the session's own log says who did it, or since nothing that anybody would look for has changed.
 */
interface WriteNeed extends Need {
  audit: "entry" | "session-log" | { none: string };
}

/** A person or their key, in one organization; made from the token's claims and checked against the live rows. */
export interface Caller {
  organizationId: Id<"organizations">;
  user: Doc<"users">;
  role: Role;
  key: Doc<"apiKeys"> | null;
  from?: AuditOrigin;
}

/** What a write tells the audit log: its action, what it was done to, and the values before and after. */
export type Report = Omit<AuditEntry, "organizationId" | "actor" | "from"> & { action: AuditAction };

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
  if (!identity) throw refuse("signed_out");
  return identity;
}

/** Who asks, as a token or a server says it: nothing of it counts before it is compared with the live rows. */
interface Claimed {
  organizationId: unknown;
  userId: unknown;
  role: unknown;
  /** Undefined for a person. */
  keyId?: unknown;
  via?: unknown;
  address?: unknown;
}

function originOf({ via, address }: Claimed): AuditOrigin | undefined {
  const channel = AUDIT_CHANNELS.find((known) => known === via);
  if (!channel) return undefined;
  return { via: channel, ...(typeof address === "string" && { address }) };
}

async function keyOf(
  ctx: QueryCtx | MutationCtx,
  claimed: unknown,
  member: Doc<"members">,
): Promise<Doc<"apiKeys">> {
  const keyId = ctx.db.normalizeId("apiKeys", String(claimed));
  const key = keyId && (await ctx.db.get(keyId));
  if (!key || key.organizationId !== member.organizationId || !keyHolds(key, member))
    throw refuse("api_key_invalid");
  return key;
}

/** Compares who asks with the live rows: the membership, the key, and what both allow. */
async function liveCaller(ctx: QueryCtx | MutationCtx, claimed: Claimed, need: Need): Promise<Caller> {
  const organizationId = ctx.db.normalizeId("organizations", String(claimed.organizationId));
  const userId = ctx.db.normalizeId("users", String(claimed.userId));
  if (!organizationId || !userId) throw refuse("token_without_organization");
  const [user, organization, member] = await Promise.all([
    ctx.db.get(userId),
    ctx.db.get(organizationId),
    ctx.db
      .query("members")
      .withIndex("by_organization_user", (q) => q.eq("organizationId", organizationId).eq("userId", userId))
      .unique(),
  ]);
  if (!user || !member || user.deletedAt !== undefined || organization?.deletedAt !== undefined)
    throw refuse("not_a_member");
  const key = claimed.keyId === undefined ? null : await keyOf(ctx, claimed.keyId, member);
  if (key && !key.scopes.includes(need.scope)) throw refuse("scope_missing", { scope: need.scope });
  const ceiling = ROLES.find((r) => r === claimed.role) ?? "viewer";
  const role = roleAtLeast(member.role, ceiling) ? ceiling : member.role;
  if (!roleAtLeast(role, need.min)) throw refuse("role_too_low", { needed: need.min, role });
  const from = originOf(claimed);
  return { organizationId, user, role, key, ...(from && { from }) };
}

/** The person or the key behind a token that they hold themselves. */
async function callerOf(ctx: QueryCtx | MutationCtx, need: Need): Promise<Caller> {
  const claim = await claims(ctx);
  if (claim.kind !== "member" && claim.kind !== "apiKey") throw refuse("members_only");
  return await liveCaller(
    ctx,
    {
      organizationId: claim.org,
      userId: claim.user,
      role: claim.role,
      ...(claim.kind === "apiKey" && { keyId: claim.key }),
      via: claim.via,
      address: claim.address,
    },
    need,
  );
}

async function requireService(ctx: QueryCtx | MutationCtx): Promise<void> {
  if ((await claims(ctx)).kind !== "service") throw refuse("servers_only");
}

/** The person or the key that one of Studio's servers acts for, as `lib/server` tells it. */
const actor = v.object({
  organizationId: v.string(),
  userId: v.string(),
  role: v.string(),
  keyId: v.optional(v.string()),
  via: v.optional(v.string()),
  address: v.optional(v.string()),
});

async function actingCaller(
  ctx: QueryCtx | MutationCtx,
  args: ObjectType<{ actor: typeof actor }>,
  need: Need,
): Promise<Caller> {
  await requireService(ctx);
  return await liveCaller(ctx, args.actor, need);
}

/** How a caller stands in the audit log. */
export function auditActor({ user, key }: Caller): AuditActor {
  return key ? { kind: "apiKey", userId: user._id, keyId: key._id } : { kind: "member", userId: user._id };
}

/** What a write's handler gets: who asks, and where to say what was done. */
function writing(ctx: MutationCtx, caller: Caller, need: WriteNeed) {
  let reported = false;
  const report = async (what: Report | null): Promise<void> => {
    if (need.audit !== "entry") throw new Error("This function has declared that it leaves no audit entry.");
    reported = true;
    if (!what) return;
    await audit(ctx, {
      organizationId: caller.organizationId,
      actor: auditActor(caller),
      ...(caller.from && { from: caller.from }),
      ...what,
    });
  };
  return {
    /** Writes an audit entry; null says that nothing was changed. Each handler with `audit: "entry"` calls it. */
    ctx: { caller, report },
    args: {},
    onSuccess: () => {
      if (need.audit === "entry" && !reported)
        throw new Error("The function did not report what it changed.");
    },
  };
}

/** Whatever a custom function has been declared with, as far as it matters here. */
interface Declared {
  bounds?: Bounds;
  handler: (ctx: never, args: never) => Promise<unknown>;
}

/** A page ends once so many bytes are read, whatever its caller asked for: rows may have up to 1 MiB each. */
function inBytes(args: { paginationOpts?: object }): object {
  if (args.paginationOpts === undefined) return args;
  return { ...args, paginationOpts: { ...args.paginationOpts, maximumBytesRead: PAGE_BYTES } };
}

/** The same builder, whose functions check all of their arguments before anything is done with them. */
function bounded<B>(builder: B): B {
  const build = builder as (declared: Declared) => unknown;
  const checked = ({ bounds, ...declared }: Declared) =>
    build({
      ...declared,
      handler: async (ctx, args) => {
        checkBounds(args, bounds);
        const within = inBytes(args);
        return await refusingCursors(args, async () => await declared.handler(ctx, within as never));
      },
    });
  return checked as B;
}

/** A query for members and API keys of one organization; `ctx.caller` holds who asks. */
export const orgQuery = bounded(
  customQuery(query, {
    args: {},
    input: async (ctx, _args, need: Need) => ({ ctx: { caller: await callerOf(ctx, need) }, args: {} }),
  }),
);

/** A mutation for members and API keys of one organization. */
export const orgMutation = bounded(
  customMutation(mutation, {
    args: {},
    input: async (ctx, _args, need: WriteNeed) => writing(ctx, await callerOf(ctx, need), need),
  }),
);

/**
 * A query that one of Studio's servers makes for a person or a key, `args.actor`: what it takes or answers is the
 * server's to choose, and who may ask is decided here as for `orgQuery`.
 */
export const actorQuery = bounded(
  customQuery(query, {
    args: { actor },
    input: async (ctx, args, need: Need) => ({
      ctx: { caller: await actingCaller(ctx, args, need) },
      args: {},
    }),
  }),
);

/** The same for a mutation: for what a person causes and only a server may say. */
export const actorMutation = bounded(
  customMutation(mutation, {
    args: { actor },
    input: async (ctx, args, need: WriteNeed) => writing(ctx, await actingCaller(ctx, args, need), need),
  }),
);

const operator = v.object({
  by: v.string(),
  via: literals(OPERATOR_CHANNELS),
  address: v.optional(v.string()),
});

/** What an operator's handler gets: where to say what was done, which both audits are told of. */
function operating(ctx: MutationCtx, by: Operator) {
  let reported = false;
  const act = async (what: OperatorAct | null): Promise<void> => {
    reported = true;
    if (what) await actOf(ctx, by, what);
  };
  return {
    /** Writes down an act; null says that nothing was changed. Each handler calls it. */
    ctx: { act, operator: by },
    args: {},
    onSuccess: () => {
      if (!reported) throw new Error("The function did not report what the operator has done.");
    },
  };
}

/**
 * A mutation that one of Studio's servers makes for an operator. Who is one, the server has found out: no token of a
 * member's, and no key, says so.
 */
export const operatorMutation = bounded(
  customMutation(mutation, {
    args: { operator },
    input: async (ctx, args, _declared: Pick<Need, "bounds">) => {
      await requireService(ctx);
      return operating(ctx, args.operator);
    },
  }),
);

/**
 * A query of what an operator may read of an organization: the same, without an act. `at` is the server's moment, and
 * makes each read its own: without it, a result that depends on the clock could be served again for some seconds.
 */
export const operatorQuery = bounded(
  customQuery(query, {
    args: { operator, at: v.number() },
    input: async (ctx, args, _declared: Pick<Need, "bounds">) => {
      await requireService(ctx);
      return { ctx: { operator: args.operator }, args: {} };
    },
  }),
);

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
