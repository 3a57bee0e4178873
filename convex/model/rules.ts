import { v } from "convex/values";
import { callOf } from "#domain/rules/call.ts";
import { decide, type NamedRule, prepare, type Verdict } from "#domain/rules/decide.ts";
import { heldTools } from "#domain/rules/free-tools.ts";
import { patternFault } from "#domain/rules/pattern.ts";
import {
  countsIn,
  MAX_RULES,
  MAX_SESSION_RULES,
  mayRule,
  type Rule,
  RULE_ACTIONS,
  RULE_SCOPES,
  type RuleScope,
  roleForScope,
} from "#domain/rules/rule.ts";
import type { ApprovalRequest } from "#domain/approval-rules.ts";
import { roleAtLeast } from "#domain/roles.ts";
import { startOfDay } from "#domain/rules/unused.ts";
import type { Doc, Id } from "../_generated/dataModel";
import type { MutationCtx, QueryCtx } from "../_generated/server";
import { auditActor, type Caller } from "../functions.ts";
import type { AuditAction } from "#domain/audit.ts";
import { agentOf } from "./agents.ts";
import { type Asking, rulesThatCover } from "./approvers.ts";
import { audit } from "./audit.ts";
import { takeUpTo } from "./paging.ts";
import { refuse } from "./refusal.ts";
import { mayDrive, mayUse, sessionOf } from "./sessions.ts";
import { environment } from "./values.ts";
import { literals } from "./zod-validator.ts";

/** Bytes of rules that one decision reads, at most. */
const RULE_BYTES = 4 * 1024 * 1024;
/** Places of sessions' rules begin so, and stand behind all others. */
const OF_SESSIONS = "session:";

export const ruleScope = literals(RULE_SCOPES);
export const ruleAction = literals(RULE_ACTIONS);

export const shownRule = v.object({
  id: v.id("approvalRules"),
  name: v.string(),
  pattern: v.string(),
  action: ruleAction,
  scope: ruleScope,
  agentId: v.optional(v.id("agents")),
  environment: v.optional(environment),
  sessionId: v.optional(v.id("sandboxSessions")),
  priority: v.number(),
  enabled: v.boolean(),
  isAdmins: v.boolean(),
  createdAt: v.number(),
  updatedAt: v.number(),
  /** The beginning of a day (UTC). */
  usedAt: v.optional(v.number()),
  usedFrom: v.optional(v.number()),
});

export function toRule(row: Doc<"approvalRules">) {
  const { _id: id, _creationTime, name, pattern, action, scope, priority, enabled, isAdmins } = row;
  return {
    id,
    name,
    pattern,
    action,
    scope,
    ...(row.agentId && { agentId: row.agentId }),
    ...(row.environment && { environment: row.environment }),
    ...(row.sessionId && { sessionId: row.sessionId }),
    priority,
    enabled,
    isAdmins,
    // To the fraction: it tells which of two is the older.
    createdAt: _creationTime,
    updatedAt: row.updatedAt,
    ...(row.usedAt !== undefined && { usedAt: row.usedAt }),
    ...(row.usedFrom !== undefined && { usedFrom: row.usedFrom }),
  };
}

/** Where a rule is to count, as a caller names it. */
export interface WantedPlace {
  scope: RuleScope;
  agentId?: string | undefined;
  environment?: "development" | "production" | undefined;
  sessionId?: string | undefined;
}

export type Place = Pick<Doc<"approvalRules">, "scope" | "place" | "agentId" | "environment" | "sessionId">;

/** A place of the caller's organization. @throws not_found | invalid_request where what it names is missing */
export async function placeOf(
  ctx: QueryCtx | MutationCtx,
  caller: Caller,
  wanted: WantedPlace,
): Promise<Place> {
  const { scope } = wanted;
  const given = [wanted.agentId, wanted.environment, wanted.sessionId].filter((one) => one !== undefined);
  const needed = {
    organization: undefined,
    agent: wanted.agentId,
    environment: wanted.environment,
    session: wanted.sessionId,
  }[scope];
  if (
    given.length !== (scope === "organization" ? 0 : 1) ||
    (scope !== "organization" && needed === undefined)
  )
    throw refuse("rule_place", { scope });
  if (scope === "agent") {
    const { _id } = await agentOf(ctx, caller.organizationId, wanted.agentId!);
    return { scope, place: `agent:${_id}`, agentId: _id };
  }
  if (scope === "environment")
    return { scope, place: `environment:${wanted.environment}`, environment: wanted.environment! };
  if (scope === "organization") return { scope, place: "organization" };
  const session = await sessionOf(ctx, caller, wanted.sessionId!);
  return { scope, place: `${OF_SESSIONS}${session._id}`, sessionId: session._id };
}

/**
 * Whether the caller may make, change or remove rules of a place: for more than one session an admin; for a session,
 * who started it, or an admin, if they may work in its environment.
 * @throws forbidden
 */
export async function mayWriteAt(ctx: QueryCtx | MutationCtx, caller: Caller, place: Place): Promise<void> {
  if (!mayRule(caller.role, place.scope))
    throw refuse("role_too_low", { needed: roleForScope(place.scope), role: caller.role });
  if (place.environment !== undefined) mayUse(caller, place.environment);
  if (place.sessionId === undefined) return;
  mayDrive(caller, await sessionOf(ctx, caller, place.sessionId));
}

/** A rule behind an id as it came from outside. @throws not_found */
export async function ruleOf(
  ctx: QueryCtx | MutationCtx,
  caller: Caller,
  rawId: string,
): Promise<Doc<"approvalRules">> {
  const id = ctx.db.normalizeId("approvalRules", rawId);
  const row = id && (await ctx.db.get(id));
  if (!row || row.organizationId !== caller.organizationId) throw refuse("rule_not_found");
  // Of a session that is deleted, or hidden, its rules are as well.
  if (row.sessionId) await sessionOf(ctx, caller, row.sessionId);
  return row;
}

/** @throws invalid_request */
export function checkPattern(pattern: string): void {
  const fault = patternFault(pattern);
  if (fault !== null) throw refuse("rule_pattern", { fault });
}

/** The rules of a place, those that count first in front. */
export async function rulesAt(
  { db }: QueryCtx | MutationCtx,
  organizationId: Id<"organizations">,
  place: string,
): Promise<Doc<"approvalRules">[]> {
  return await takeUpTo(
    db
      .query("approvalRules")
      .withIndex("by_place", (q) => q.eq("organizationId", organizationId).eq("place", place))
      .order("desc"),
    { rows: MAX_RULES, bytes: RULE_BYTES },
  );
}

/** @throws invalid_request where there are as many as there can be */
async function checkRoom(ctx: MutationCtx, organizationId: Id<"organizations">, place: Place): Promise<void> {
  const limit = place.scope === "session" ? MAX_SESSION_RULES : MAX_RULES;
  const found = await ctx.db
    .query("approvalRules")
    .withIndex("by_place", (q) => {
      const own = q.eq("organizationId", organizationId);
      return place.scope === "session" ? own.eq("place", place.place) : own.lt("place", OF_SESSIONS);
    })
    .take(limit);
  if (found.length < limit) return;
  throw place.scope === "session" ? refuse("session_rule_limit", { limit }) : refuse("rule_limit", { limit });
}

export interface RuleFields {
  name: string;
  pattern: string;
  action: Rule["action"];
  priority: number;
  enabled: boolean;
}

/** Stores a rule; the caller has checked who may. @throws invalid_request */
export async function insertRule(
  ctx: MutationCtx,
  caller: Caller,
  place: Place,
  fields: RuleFields,
): Promise<Doc<"approvalRules">> {
  const { organizationId, user, role } = caller;
  checkPattern(fields.pattern);
  await checkRoom(ctx, organizationId, place);
  const id = await ctx.db.insert("approvalRules", {
    organizationId,
    ...place,
    ...fields,
    isAdmins: roleAtLeast(role, "admin"),
    createdById: user._id,
    updatedAt: Date.now(),
  });
  return (await ctx.db.get(id))!;
}

/**
 * Stores several rules of a place, and says so in the audit log; the caller has checked who may, and that there is room.
 * @param isAdmins false where they are not to lift what is denied for more than their place
 */
export async function insertRules(
  ctx: MutationCtx,
  caller: Caller,
  place: Place,
  all: readonly RuleFields[],
  isAdmins = roleAtLeast(caller.role, "admin"),
): Promise<void> {
  const { organizationId, user } = caller;
  const common = { organizationId, ...place, isAdmins, createdById: user._id, updatedAt: Date.now() };
  for (const { name, pattern, action, priority, enabled } of all) {
    checkPattern(pattern);
    const id = await ctx.db.insert("approvalRules", { ...common, name, pattern, action, priority, enabled });
    await auditRule(ctx, caller, "approval_rule.created", (await ctx.db.get(id))!);
  }
}

type Ruled = Pick<Doc<"sandboxSessions">, "_id" | "organizationId" | "agentId" | "environment">;

/** The rows of the places whose rules count in a session. */
async function rowsFor(
  ctx: QueryCtx | MutationCtx,
  { _id, organizationId, agentId, environment }: Ruled,
): Promise<Doc<"approvalRules">[]> {
  const places = [
    `${OF_SESSIONS}${_id}`,
    ...(agentId ? [`agent:${agentId}`] : []),
    `environment:${environment}`,
    "organization",
  ];
  const rows = await Promise.all(places.map(async (place) => await rulesAt(ctx, organizationId, place)));
  return rows.flat();
}

/** The agent's own names of those of its free tools that have to ask in a session: see `heldTools`. */
export async function toolsHeldIn(ctx: QueryCtx | MutationCtx, session: Ruled): Promise<string[]> {
  const rules = (await rowsFor(ctx, session)).map(toRule);
  return heldTools(rules.filter((rule) => countsIn(rule, session.environment)));
}

/**
 * What the rules that count in a session say of a call, as they are in this transaction.
 * @param asking who may approve it: without it, leave of a session's rules counts, no matter who gave it
 */
export async function verdictOf(
  ctx: QueryCtx | MutationCtx,
  session: Ruled,
  asked: ApprovalRequest,
  asking?: Asking,
): Promise<Verdict> {
  const all = await rowsFor(ctx, session);
  const rules = (asking === undefined ? all : await rulesThatCover(ctx, session.organizationId, all, asking))
    .map(toRule)
    .filter((rule) => countsIn(rule, session.environment));
  return decide(prepare(rules), callOf(asked));
}

/** Rules of one decision whose use is noted: the others' is by what they decide alone. */
const NOTED = 20;

/** Notes that rules had a say today. Their rows change once a day at most, so that decisions don't get in each other's way. */
export async function noteUse(ctx: MutationCtx, rules: readonly NamedRule[]): Promise<void> {
  const today = startOfDay(Date.now());
  for (const { id: rawId } of rules.slice(0, NOTED)) {
    const id = ctx.db.normalizeId("approvalRules", rawId);
    const row = id && (await ctx.db.get(id));
    if (row && row.usedAt !== today) await ctx.db.patch(row._id, { usedAt: today });
  }
}

/** A rule as the audit log has it. */
export const ruleAsJson = ({
  scope,
  name,
  pattern,
  action,
  priority,
  enabled,
  place,
}: Doc<"approvalRules">) => ({
  name,
  scope,
  place,
  pattern,
  action,
  priority,
  enabled,
});

/** Writes down that a rule was made with a decision, which itself is in the session's log. */
export async function auditRule(
  ctx: MutationCtx,
  caller: Caller,
  action: AuditAction,
  row: Doc<"approvalRules">,
): Promise<void> {
  await audit(ctx, {
    organizationId: caller.organizationId,
    actor: auditActor(caller),
    action,
    target: row.name,
    after: ruleAsJson(row),
    ...(caller.from && { from: caller.from }),
  });
}
