import { paginationOptsValidator, paginationResultValidator } from "convex/server";
import { v } from "convex/values";
import type { Doc } from "./_generated/dataModel";
import type { QueryCtx } from "./_generated/server";
import { LIMITS } from "#domain/limits.ts";
import { PERSON } from "#domain/event-people.ts";
import { orgMutation, orgQuery, refuse, systemMutation } from "./functions.ts";
import { approverWords, obstacleFor } from "#domain/approvers.ts";
import { actsOf } from "./model/approval-acts.ts";
import { needFor, refuseApprover } from "./model/approvers.ts";
import { grantForSession, settleApproval, settleByRules } from "./model/approvals.ts";
import { refuseDenied, ruleFromApproval } from "./model/approval-rule.ts";
import { takeUpTo } from "./model/paging.ts";
import { demandParking, goOnParked } from "./model/parking.ts";
import { Names } from "./model/people.ts";
import { cancelRun } from "./model/runs.ts";
import {
  approvalFilter,
  countWaiting,
  listedApproval,
  pageOfApprovals,
  toListedApproval,
} from "./model/open-approvals.ts";
import { session as sessionValue } from "./model/returns.ts";
import { SessionWriter } from "./model/session-writer.ts";
import { mayUse, runOf, toSession } from "./model/sessions.ts";
import { literals } from "./model/zod-validator.ts";

async function askedIn(ctx: QueryCtx, { sessionId, seq }: Doc<"approvals">): Promise<string | null> {
  if (seq === undefined) return null;
  const event = await ctx.db
    .query("sessionEvents")
    .withIndex("by_session_seq", (q) => q.eq("sessionId", sessionId).eq("seq", seq))
    .unique();
  return event?.payload ?? null;
}

/** What a run still asks, oldest first, with what would be changed. */
export const pending = orgQuery({
  min: "viewer",
  scope: "sessions:read",
  args: { runId: v.string() },
  returns: v.array(
    v.object({
      key: v.string(),
      tool: v.string(),
      summary: v.string(),
      request: v.string(),
      event: v.nullable(v.string()),
      requestedAt: v.number(),
    }),
  ),
  handler: async (ctx, { runId }) => {
    const run = await runOf(ctx, ctx.caller, runId);
    const rows = await ctx.db
      .query("approvals")
      .withIndex("by_run_decision", (q) => q.eq("runId", run._id).eq("decision", "pending"))
      .take(100);
    return await Promise.all(
      rows.map(async (row) => ({
        key: row.key,
        tool: row.tool,
        summary: row.summary,
        request: row.request,
        /** JSON text of the event in which it was asked; null for those from before it was noted. */
        event: await askedIn(ctx, row),
        requestedAt: Math.floor(row._creationTime),
      })),
    );
  },
});

/** Questions of one run that are shown. */
const MAX_SHOWN = 100;

/** What was decided on the last questions of a run, or is still open, newest first: by whom, or by what. */
export const ofRun = orgQuery({
  min: "viewer",
  scope: "sessions:read",
  args: { runId: v.string() },
  returns: v.array(
    v.object({
      key: v.string(),
      tool: v.string(),
      summary: v.string(),
      decision: literals(["pending", "approved", "denied", "bypassed"] as const),
      reason: v.nullable(v.string()),
      decidedBy: v.nullable(v.string()),
      requestedAt: v.number(),
      decidedAt: v.nullable(v.number()),
    }),
  ),
  handler: async (ctx, { runId }) => {
    const run = await runOf(ctx, ctx.caller, runId);
    const rows = await takeUpTo(
      ctx.db
        .query("approvals")
        .withIndex("by_run", (q) => q.eq("runId", run._id))
        .order("desc"),
      { rows: MAX_SHOWN },
    );
    const names = new Names(ctx);
    return await Promise.all(
      rows.map(async ({ key, tool, summary, decision, reason, ...row }) => ({
        key,
        tool,
        summary,
        decision,
        reason: reason ?? null,
        decidedBy: row.decidedBy === undefined ? null : await names.fill(row.decidedBy, row.decidedById),
        requestedAt: Math.floor(row._creationTime),
        decidedAt: row.decidedAt ?? null,
      })),
    );
  },
});

/**
 * What the organization's agents asked leave for and nobody has decided on yet, or what was decided so, newest first
 * unless asked for otherwise. A filter may leave fewer of a page, even none: `isDone` alone tells.
 */
export const open = orgQuery({
  min: "viewer",
  scope: "sessions:read",
  args: { ...approvalFilter, paginationOpts: paginationOptsValidator },
  returns: paginationResultValidator(listedApproval),
  handler: async (ctx, { paginationOpts, ...filter }) => await pageOfApprovals(ctx, filter, paginationOpts),
});

/** How many requests and questions of the organization's agents wait for a person. */
export const waiting = orgQuery({
  min: "viewer",
  scope: "sessions:read",
  args: {},
  returns: v.object({ count: v.number(), hasMore: v.boolean() }),
  handler: async (ctx) => await countWaiting(ctx, ctx.caller.organizationId),
});

/** One of them, whole, with its session; or what became of it. */
export const get = orgQuery({
  min: "viewer",
  scope: "sessions:read",
  args: { runId: v.string(), key: v.string() },
  returns: v.object({
    ...listedApproval.fields,
    session: sessionValue,
    /** JSON text of the event in which it was asked; null for those from before it was noted. */
    event: v.nullable(v.string()),
  }),
  handler: async (ctx, { runId, key }) => {
    const run = await runOf(ctx, ctx.caller, runId);
    const row = await ctx.db
      .query("approvals")
      .withIndex("by_run_key", (q) => q.eq("runId", run._id).eq("key", key))
      .unique();
    const session = row && (await ctx.db.get(row.sessionId));
    if (!row || !session) throw refuse("approval_not_found");
    const names = new Names(ctx);
    return {
      ...(await toListedApproval(row, session, names)),
      session: await toSession(ctx, session, names),
      event: await askedIn(ctx, row),
    };
  },
});

/** Who may approve a request, and what keeps the caller from it; a date, where that ends by itself. */
export const standing = orgQuery({
  min: "viewer",
  scope: "sessions:read",
  args: { runId: v.string(), key: v.string() },
  returns: v.object({
    words: v.string(),
    obstacle: v.nullable(
      v.union(
        v.object({ by: v.literal("role") }),
        v.object({ by: v.literal("self"), untilMs: v.nullable(v.number()) }),
      ),
    ),
  }),
  handler: async (ctx, { runId, key }) => {
    const run = await runOf(ctx, ctx.caller, runId);
    const row = await ctx.db
      .query("approvals")
      .withIndex("by_run_key", (q) => q.eq("runId", run._id).eq("key", key))
      .unique();
    const session = row && (await ctx.db.get(row.sessionId));
    if (!row || !session) throw refuse("approval_not_found");
    const need = await needFor(ctx, session, actsOf(row));
    const person = { role: ctx.caller.role, userId: ctx.caller.user._id };
    const asked = { askedById: run.userId, requestedAt: Math.floor(row._creationTime) };
    return {
      words: approverWords(need, await new Names(ctx).of(run.userId)),
      // A query is not run again by the clock: until when it stands in the way is for the reader to see.
      obstacle: obstacleFor(need, person, asked, 0),
    };
  },
});

const decisionWord = v.union(
  v.literal("approved"),
  v.literal("approved_for_session"),
  v.literal("denied"),
  v.literal("abort"),
);

/**
 * Decides one question, once; for the whole session if so said, or with the end of the run. Anyone who may work in the
 * session's environment may deny; who may approve is the organization's to say.
 * @throws not_found | forbidden | already_decided
 */
export const decide = orgMutation({
  min: "member",
  scope: "approvals:write",
  audit: "session-log",
  args: {
    runId: v.string(),
    key: v.string(),
    decision: decisionWord,
    /** With a denial: what the agent is told. */
    reason: v.optional(v.string()),
    /** With an approval: a rule that allows its like from now on, in this session or in all of its environment. */
    rule: v.optional(
      v.object({ pattern: v.string(), scope: v.union(v.literal("session"), v.literal("environment")) }),
    ),
  },
  bounds: {
    reason: LIMITS.refusalReason,
    rule: { kind: "fields", fields: { pattern: LIMITS.rulePattern } },
  },
  returns: v.object({ sessionId: v.id("sandboxSessions"), provisioning: v.boolean() }),
  handler: async (ctx, { runId, key, decision, reason, rule }) => {
    const run = await runOf(ctx, ctx.caller, runId);
    const approval = await ctx.db
      .query("approvals")
      .withIndex("by_run_key", (q) => q.eq("runId", run._id).eq("key", key))
      .unique();
    if (!approval) throw refuse("approval_not_found");
    const writer = await SessionWriter.open(ctx, approval.sessionId);
    mayUse(ctx.caller, writer.session.environment);
    if (approval.decision !== "pending") {
      const by = await new Names(ctx).fill(approval.decidedBy ?? "", approval.decidedById);
      throw refuse("already_decided", { outcome: approval.decision, by });
    }
    const personId = ctx.caller.user._id;
    const yes = decision !== "denied" && decision !== "abort";
    const forSession = decision === "approved_for_session";
    if (yes) await refuseApprover(ctx, ctx.caller, writer.session, approval);
    if (yes) await refuseDenied(writer, approval);
    const madeRule = yes && rule ? await ruleFromApproval(writer, ctx.caller, approval, rule) : undefined;
    await settleApproval(writer, approval, yes ? "approved" : "denied", {
      reason: "person",
      who: { words: PERSON, personId },
      forSession,
      ...(madeRule && { madeRule }),
      ...(!yes && reason !== undefined && { message: reason }),
    });
    if (forSession) await grantForSession(writer, approval, personId);
    if (madeRule) await settleByRules(writer, run._id);
    if (decision === "abort") await cancelRun(writer, run, personId);
    else await goOnParked(writer, run._id, personId);
    await writer.save();
    return { sessionId: approval.sessionId, provisioning: writer.session.status === "provisioning" };
  },
});

/** Silence is a denial, or parks the session until a person comes. */
export const expire = systemMutation({
  args: { approvalId: v.id("approvals") },
  returns: v.null(),
  handler: async (ctx, { approvalId }) => {
    const approval = await ctx.db.get(approvalId);
    if (approval?.decision !== "pending" || approval.parkedAt !== undefined) return;
    const writer = await SessionWriter.open(ctx, approval.sessionId);
    if (approval.onExpiry !== "park" || !demandParking(writer, approval.runId))
      await settleApproval(writer, approval, "denied", { reason: "timeout" });
    await writer.save();
  },
});
