import type { PaginationOptions, PaginationResult } from "convex/server";
import { type Infer, type ObjectType, v } from "convex/values";
import { ACT_KINDS } from "#domain/act-kinds.ts";
import type { Doc, Id } from "../_generated/dataModel";
import type { QueryCtx } from "../_generated/server";
import type { Caller } from "../functions.ts";
import { actsOf } from "./approval-acts.ts";
import { takeUpTo } from "./paging.ts";
import { Names } from "./people.ts";
import { sessionOf } from "./sessions.ts";
import { environment } from "./values.ts";
import { literals } from "./zod-validator.ts";

const act = literals(ACT_KINDS);
const decision = v.union(
  v.literal("pending"),
  v.literal("approved"),
  v.literal("denied"),
  v.literal("bypassed"),
);

/** What a list of requests is narrowed to. */
export const approvalFilter = {
  /** Those of one state; by default those that nobody has decided on. */
  decision: v.optional(decision),
  environment: v.optional(environment),
  act: v.optional(act),
  sessionId: v.optional(v.string()),
  oldestFirst: v.optional(v.boolean()),
};
type Filter = ObjectType<typeof approvalFilter>;

/** A request as lists have it. */
export const listedApproval = v.object({
  sessionId: v.id("sandboxSessions"),
  sessionTitle: v.string(),
  environment,
  runId: v.id("runs"),
  key: v.string(),
  tool: v.string(),
  toolCallId: v.string(),
  summary: v.string(),
  /** JSON text. */
  request: v.string(),
  acts: v.array(act),
  /** Who started its run; null where that is not known any more. */
  askedById: v.nullable(v.id("users")),
  askedBy: v.string(),
  requestedAt: v.number(),
  expiresAt: v.number(),
  onExpiry: v.union(v.literal("deny"), v.literal("park")),
  decision,
  /** How that came about, as the log has it. */
  reason: v.nullable(v.string()),
  decidedBy: v.nullable(v.string()),
  decidedById: v.nullable(v.id("users")),
  decidedAt: v.nullable(v.number()),
});

export async function toListedApproval(
  row: Doc<"approvals">,
  session: Doc<"sandboxSessions">,
  names: Names,
): Promise<Infer<typeof listedApproval>> {
  const { askedById } = row;
  return {
    sessionId: row.sessionId,
    sessionTitle: session.title,
    environment: session.environment,
    runId: row.runId,
    key: row.key,
    tool: row.tool,
    toolCallId: row.toolCallId,
    summary: row.summary,
    request: row.request,
    acts: [...actsOf(row)],
    askedById: askedById ?? null,
    askedBy: askedById ? await names.of(askedById) : "",
    requestedAt: Math.floor(row._creationTime),
    expiresAt: row.expiresAt,
    onExpiry: row.onExpiry ?? "deny",
    decision: row.decision,
    reason: row.reason ?? null,
    decidedBy: row.decidedBy === undefined ? null : await names.fill(row.decidedBy, row.decidedById),
    decidedById: row.decidedById ?? null,
    decidedAt: row.decidedAt ?? null,
  };
}

/** A page of an organization's requests, without those of sessions that are deleted. */
export async function pageOfApprovals(
  ctx: QueryCtx & { caller: Caller },
  { decision: wanted = "pending", environment: where, act: kind, sessionId, oldestFirst = false }: Filter,
  options: PaginationOptions,
): Promise<PaginationResult<Infer<typeof listedApproval>>> {
  const { organizationId } = ctx.caller;
  const only = sessionId === undefined ? null : (await sessionOf(ctx, ctx.caller, sessionId))._id;
  const rows = only
    ? ctx.db.query("approvals").withIndex("by_session", (q) => q.eq("sessionId", only))
    : ctx.db
        .query("approvals")
        .withIndex("by_organization_decision", (q) =>
          q.eq("organizationId", organizationId).eq("decision", wanted),
        );
  const { page, ...rest } = await rows.order(oldestFirst ? "asc" : "desc").paginate(options);
  const names = new Names(ctx);
  const sessions = new Map<Id<"sandboxSessions">, Doc<"sandboxSessions"> | null>();
  const found = [];
  for (const row of page) {
    if (row.decision !== wanted || (kind && !actsOf(row).includes(kind))) continue;
    if (!sessions.has(row.sessionId)) sessions.set(row.sessionId, await ctx.db.get(row.sessionId));
    const session = sessions.get(row.sessionId);
    if (!session || session.deletedAt !== undefined) continue;
    if (where === undefined || session.environment === where)
      found.push(await toListedApproval(row, session, names));
  }
  return { ...rest, page: found };
}

/** So many of each are counted. */
const COUNTED = 50;

/** How many requests and questions of an organization wait; `hasMore`: there are more than were counted. */
export async function countWaiting(
  ctx: QueryCtx,
  organizationId: Id<"organizations">,
): Promise<{ count: number; hasMore: boolean }> {
  const [approvals, questions] = await Promise.all([
    takeUpTo(
      ctx.db
        .query("approvals")
        .withIndex("by_organization_decision", (q) =>
          q.eq("organizationId", organizationId).eq("decision", "pending"),
        ),
      { rows: COUNTED + 1 },
    ),
    takeUpTo(
      ctx.db
        .query("questions")
        .withIndex("by_organization_outcome", (q) =>
          q.eq("organizationId", organizationId).eq("outcome", "pending"),
        ),
      { rows: COUNTED + 1 },
    ),
  ]);
  const count = Math.min(approvals.length, COUNTED) + Math.min(questions.length, COUNTED);
  return { count, hasMore: approvals.length > COUNTED || questions.length > COUNTED };
}
