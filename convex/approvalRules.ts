import { paginationOptsValidator, paginationResultValidator } from "convex/server";
import { v } from "convex/values";
import { LIMITS } from "#domain/limits.ts";
import { inOrder, MAX_RULE_PRIORITY } from "#domain/rules/rule.ts";
import { roleAtLeast } from "#domain/roles.ts";
import { orgMutation, orgQuery, refuse } from "./functions.ts";
import {
  checkPattern,
  insertRule,
  mayWriteAt,
  placeOf,
  ruleAction,
  ruleAsJson,
  ruleOf,
  rulesAt,
  ruleScope,
  shownRule,
  toRule,
} from "./model/rules.ts";
import { runOf } from "./model/sessions.ts";
import { environment } from "./model/values.ts";

const bounds = { name: LIMITS.ruleName, pattern: LIMITS.rulePattern, priority: LIMITS.rulePriority };
const place = {
  scope: ruleScope,
  agentId: v.optional(v.string()),
  environment: v.optional(environment),
  sessionId: v.optional(v.string()),
};
/** How far apart rules stand once they have to be numbered again. */
const STEP = 10;

/** The organization's rules without those of sessions, or the rules of one place. Within a place in their order. */
export const list = orgQuery({
  min: "viewer",
  scope: "rules:read",
  args: {
    scope: v.optional(ruleScope),
    agentId: place.agentId,
    environment: place.environment,
    sessionId: place.sessionId,
    paginationOpts: paginationOptsValidator,
  },
  returns: paginationResultValidator(shownRule),
  handler: async (ctx, { scope, paginationOpts, ...of }) => {
    const { organizationId } = ctx.caller;
    const at = scope && (await placeOf(ctx, ctx.caller, { scope, ...of }));
    const { page, ...rest } = await ctx.db
      .query("approvalRules")
      .withIndex("by_place", (q) => {
        const own = q.eq("organizationId", organizationId);
        return at ? own.eq("place", at.place) : own.lt("place", "session:");
      })
      .order("desc")
      .paginate(paginationOpts);
    return { ...rest, page: page.map(toRule) };
  },
});

/** @throws forbidden | not_found | invalid_request */
export const create = orgMutation({
  min: "member",
  scope: "rules:write",
  audit: "entry",
  bounds,
  args: {
    ...place,
    name: v.string(),
    pattern: v.string(),
    action: ruleAction,
    priority: v.number(),
    enabled: v.boolean(),
  },
  returns: shownRule,
  handler: async (ctx, { scope, agentId, environment: of, sessionId, ...fields }) => {
    const at = await placeOf(ctx, ctx.caller, { scope, agentId, environment: of, sessionId });
    await mayWriteAt(ctx, ctx.caller, at);
    const row = await insertRule(ctx, ctx.caller, at, fields);
    await ctx.report({ action: "approval_rule.created", target: row.name, after: ruleAsJson(row) });
    return toRule(row);
  },
});

/** Changes some of a rule's fields; what is open already stays open. @throws forbidden | not_found | invalid_request */
export const update = orgMutation({
  min: "member",
  scope: "rules:write",
  audit: "entry",
  bounds,
  args: {
    ruleId: v.string(),
    name: v.optional(v.string()),
    pattern: v.optional(v.string()),
    action: v.optional(ruleAction),
    priority: v.optional(v.number()),
    enabled: v.optional(v.boolean()),
  },
  returns: shownRule,
  handler: async (ctx, { ruleId, ...given }) => {
    const row = await ruleOf(ctx, ctx.caller, ruleId);
    await mayWriteAt(ctx, ctx.caller, row);
    const changes = Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined));
    if (given.pattern !== undefined) checkPattern(given.pattern);
    const after = { ...row, ...changes };
    if (JSON.stringify(ruleAsJson(after)) === JSON.stringify(ruleAsJson(row))) {
      await ctx.report(null);
      return toRule(row);
    }
    // A rule is its last writer's: what a member turns it into does not keep an admin's word.
    const more = {
      isAdmins: roleAtLeast(ctx.caller.role, "admin"),
      changedById: ctx.caller.user._id,
      updatedAt: Date.now(),
    };
    await ctx.db.patch(row._id, { ...changes, ...more });
    await ctx.report({
      action: "approval_rule.changed",
      target: after.name,
      before: ruleAsJson(row),
      after: ruleAsJson(after),
    });
    return toRule({ ...after, ...more });
  },
});

/** Moves a rule in front of another of its place, or behind all of them. @throws forbidden | not_found */
export const move = orgMutation({
  min: "member",
  scope: "rules:write",
  audit: "entry",
  args: { ruleId: v.string(), beforeId: v.nullable(v.string()) },
  returns: v.null(),
  handler: async (ctx, { ruleId, beforeId }) => {
    const row = await ruleOf(ctx, ctx.caller, ruleId);
    await mayWriteAt(ctx, ctx.caller, row);
    const all = inOrder((await rulesAt(ctx, row.organizationId, row.place)).map(toRule));
    const others = all.filter(({ id }) => id !== row._id);
    const at = beforeId === null ? others.length : others.findIndex(({ id }) => id === beforeId);
    if (at === -1) throw refuse("rule_not_found");
    const wanted = others.toSpliced(
      at,
      0,
      all.find(({ id }) => id === row._id)!,
    );
    if (wanted.every(({ id }, index) => id === all[index]?.id)) return await ctx.report(null);
    const above = others[at - 1]?.priority;
    const below = others[at]?.priority;
    const middle =
      above === undefined
        ? (below ?? 0) + STEP
        : below === undefined
          ? above - STEP
          : Math.floor((above + below) / 2);
    const fits =
      middle >= 0 &&
      middle <= MAX_RULE_PRIORITY &&
      (above === undefined || middle < above) &&
      (below === undefined || middle > below);
    const updatedAt = Date.now();
    if (fits) await ctx.db.patch(row._id, { priority: middle, updatedAt });
    else
      for (const [index, one] of wanted.entries()) {
        const priority = (wanted.length - index) * STEP;
        if (one.priority !== priority) await ctx.db.patch(one.id, { priority, updatedAt });
      }
    await ctx.report({
      action: "approval_rule.moved",
      target: row.name,
      before: { position: all.findIndex(({ id }) => id === row._id) + 1 },
      after: { position: at + 1 },
    });
  },
});

/** Deletes a rule: what it would have decided is asked from now on. @throws forbidden | not_found */
export const remove = orgMutation({
  min: "member",
  scope: "rules:write",
  audit: "entry",
  args: { ruleId: v.string() },
  returns: v.null(),
  handler: async (ctx, { ruleId }) => {
    const row = await ruleOf(ctx, ctx.caller, ruleId);
    await mayWriteAt(ctx, ctx.caller, row);
    await ctx.db.delete(row._id);
    await ctx.report({ action: "approval_rule.deleted", target: row.name, before: ruleAsJson(row) });
  },
});

/** What rules judge of one question; null where it was too long to be kept. */
export const asked = orgQuery({
  min: "viewer",
  scope: "rules:read",
  args: { runId: v.string(), key: v.string() },
  returns: v.object({ call: v.nullable(v.string()) }),
  handler: async (ctx, { runId, key }) => {
    const run = await runOf(ctx, ctx.caller, runId);
    const row = await ctx.db
      .query("approvals")
      .withIndex("by_run_key", (q) => q.eq("runId", run._id).eq("key", key))
      .unique();
    if (!row) throw refuse("approval_not_found");
    return { call: row.call ?? null };
  },
});

/** How far back recorded calls are judged again. */
const PAST_MS = 30 * 24 * 3_600_000;

/** What agents asked leave for in the last 30 days, newest first, with what became of it: for rules to be tried on. */
export const past = orgQuery({
  min: "member",
  scope: "rules:read",
  args: { paginationOpts: paginationOptsValidator },
  returns: paginationResultValidator(
    v.object({
      sessionId: v.id("sandboxSessions"),
      key: v.string(),
      summary: v.string(),
      /** JSON text; null where it was too long to be kept. */
      call: v.nullable(v.string()),
      environment,
      decision: v.string(),
      reason: v.nullable(v.string()),
      requestedAt: v.number(),
    }),
  ),
  handler: async (ctx, { paginationOpts }) => {
    const { organizationId } = ctx.caller;
    const { page, ...rest } = await ctx.db
      .query("approvals")
      .withIndex("by_organization", (q) =>
        q.eq("organizationId", organizationId).gt("_creationTime", Date.now() - PAST_MS),
      )
      .order("desc")
      .paginate(paginationOpts);
    const found = await Promise.all(
      page.map(async (row) => {
        const session = await ctx.db.get(row.sessionId);
        if (!session || session.deletedAt !== undefined) return [];
        return [
          {
            sessionId: row.sessionId,
            key: row.key,
            summary: row.summary,
            call: row.call ?? null,
            environment: session.environment,
            decision: row.decision,
            reason: row.reason ?? null,
            requestedAt: Math.floor(row._creationTime),
          },
        ];
      }),
    );
    return { ...rest, page: found.flat() };
  },
});
