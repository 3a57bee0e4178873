import { paginationOptsValidator, paginationResultValidator } from "convex/server";
import { v } from "convex/values";
import { LIMITS } from "#domain/limits.ts";
import type { Doc } from "./_generated/dataModel";
import { orgMutation, orgQuery, refuse } from "./functions.ts";
import { madeBefore, noteRequest } from "./model/run-requests.ts";
import { acceptMessage, cancelRun } from "./model/runs.ts";
import { Names } from "./model/people.ts";
import { SessionWriter } from "./model/session-writer.ts";
import { mayDrive, runOf, sessionOf } from "./model/sessions.ts";
import { runStatus } from "./model/values.ts";
import schema from "./schema.ts";

/**
 * Sends a message: a run starts, or waits behind the one that is going. A session that has ended goes on with it. Asked
 * again under the same name it sends nothing more, and returns the run that there is.
 */
export const start = orgMutation({
  min: "member",
  scope: "sessions:write",
  audit: "session-log",
  bounds: {
    message: LIMITS.message,
    traceparent: LIMITS.traceparent,
    requestKey: LIMITS.requestKey,
    digest: LIMITS.hash,
  },
  args: {
    sessionId: v.string(),
    message: v.string(),
    traceparent: v.optional(v.string()),
    requestKey: v.optional(v.string()),
    /** SHA-256 of the whole request. */
    digest: v.optional(v.string()),
  },
  returns: v.object({ runId: v.id("runs"), sessionId: v.id("sandboxSessions"), provisioning: v.boolean() }),
  handler: async (ctx, { sessionId, message, traceparent, requestKey, digest }) => {
    const session = await sessionOf(ctx, ctx.caller, sessionId);
    mayDrive(ctx.caller, session);
    const { agentId } = session;
    const before =
      requestKey === undefined
        ? null
        : await madeBefore(ctx, ctx.caller, { requestKey, message, agentId, digest });
    if (before) return { runId: before._id, sessionId: before.sessionId, provisioning: false };
    const writer = await SessionWriter.open(ctx, session);
    const runId = await acceptMessage(writer, ctx.caller, message, { traceparent });
    await writer.save();
    if (requestKey !== undefined)
      await noteRequest(ctx, ctx.caller, { requestKey, digest, sessionId: session._id, runId });
    return { runId, sessionId: session._id, provisioning: writer.session.status === "provisioning" };
  },
});

export const get = orgQuery({
  min: "viewer",
  scope: "sessions:read",
  args: { runId: v.string() },
  returns: schema.doc("runs"),
  handler: async (ctx, { runId }): Promise<Doc<"runs">> => await runOf(ctx, ctx.caller, runId),
});

interface Within {
  provider?: string | undefined;
  model?: string | undefined;
  from?: number | undefined;
  until?: number | undefined;
  minCostMicroUsd?: number | undefined;
}

/** Whether a run is one of those that were asked for by model, time or cost. */
const isWithin = (run: Doc<"runs">, { provider, model, from, until, minCostMicroUsd }: Within): boolean =>
  (provider === undefined || run.provider === provider) &&
  (model === undefined || run.model === model) &&
  run._creationTime >= (from ?? 0) &&
  run._creationTime < (until ?? Infinity) &&
  run.totalCostMicroUsd >= (minCostMicroUsd ?? 0);

/**
 * The organization's runs, newest first. A page holds what the filter leaves of `numItems` runs, so that it may be short,
 * or empty, before the end.
 */
export const list = orgQuery({
  min: "viewer",
  scope: "sessions:read",
  bounds: {
    provider: LIMITS.providerId,
    model: LIMITS.modelId,
    from: LIMITS.moment,
    until: LIMITS.moment,
    minCostMicroUsd: LIMITS.moment,
  },
  args: {
    paginationOpts: paginationOptsValidator,
    status: v.optional(runStatus),
    sessionId: v.optional(v.string()),
    agentId: v.optional(v.string()),
    provider: v.optional(v.string()),
    model: v.optional(v.string()),
    /** Those that were asked for from then on, and before then: epoch milliseconds. */
    from: v.optional(v.number()),
    until: v.optional(v.number()),
    /** Those that have cost so much at least. */
    minCostMicroUsd: v.optional(v.number()),
    /** One person's alone. */
    personId: v.optional(v.string()),
    /** The caller's own alone. */
    mine: v.optional(v.boolean()),
  },
  returns: paginationResultValidator(schema.doc("runs")),
  handler: async (ctx, { paginationOpts, status, sessionId, agentId, personId, mine, ...wanted }) => {
    const { organizationId, user } = ctx.caller;
    const session = sessionId === undefined ? null : await sessionOf(ctx, ctx.caller, sessionId);
    // Of a deleted agent, too; another organization's is named by no run here.
    const agent = agentId === undefined ? undefined : ctx.db.normalizeId("agents", agentId);
    if (agent === null) throw refuse("agent_not_found");
    // Who is nobody, or another organization's, has run nothing here.
    const asked = personId === undefined ? undefined : (ctx.db.normalizeId("users", personId) ?? "nobody");
    const person = mine ? user._id : asked === "nobody" ? undefined : asked;
    if (asked === "nobody" || (mine && asked !== undefined && asked !== user._id))
      return { page: [], isDone: true, continueCursor: "" };
    const runs = ctx.db.query("runs");
    // Each has an index, so that what a filter leaves out is not read, as far as one index goes.
    const indexed = session
      ? runs.withIndex("by_session", (q) => q.eq("sessionId", session._id))
      : agent
        ? runs.withIndex("by_organization_agent", (q) =>
            q.eq("organizationId", organizationId).eq("agentId", agent),
          )
        : status
          ? runs.withIndex("by_organization_status", (q) =>
              q.eq("organizationId", organizationId).eq("status", status),
            )
          : person
            ? runs.withIndex("by_user_organization", (q) =>
                q.eq("userId", person).eq("organizationId", organizationId),
              )
            : runs.withIndex("by_organization", (q) => q.eq("organizationId", organizationId));
    const { page, ...rest } = await indexed.order("desc").paginate(paginationOpts);
    const isWanted = (run: Doc<"runs">) =>
      (status === undefined || run.status === status) &&
      (agent === undefined || run.agentId === agent) &&
      isWithin(run, wanted) &&
      (person === undefined || run.userId === person);
    return { ...rest, page: page.filter(isWanted) };
  },
});

/** People that a list can be narrowed to. */
const MAX_PEOPLE = 200;

/** The organization's members by name, so that the list can be narrowed to one of them. */
export const people = orgQuery({
  min: "viewer",
  scope: "sessions:read",
  args: {},
  returns: v.array(v.object({ id: v.id("users"), name: v.string() })),
  handler: async (ctx) => {
    const { organizationId } = ctx.caller;
    const members = await ctx.db
      .query("members")
      .withIndex("by_organization_user", (q) => q.eq("organizationId", organizationId))
      .take(MAX_PEOPLE);
    const names = new Names(ctx);
    const found = await Promise.all(
      members.map(async ({ userId: id }) => ({ id, name: await names.of(id) })),
    );
    return found.toSorted((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0));
  },
});

/** Stops a session's running run, or the one that is named. The session stays. */
export const cancel = orgMutation({
  min: "member",
  scope: "sessions:write",
  audit: "entry",
  args: { sessionId: v.string(), runId: v.optional(v.string()) },
  returns: v.object({ sessionId: v.id("sandboxSessions"), runId: v.nullable(v.id("runs")) }),
  handler: async (ctx, args) => {
    const session = await sessionOf(ctx, ctx.caller, args.sessionId);
    mayDrive(ctx.caller, session);
    const runId = args.runId ?? session.activeRunId;
    if (!runId) {
      await ctx.report(null);
      return { sessionId: session._id, runId: null };
    }
    const run = await runOf(ctx, ctx.caller, runId);
    if (run.sessionId !== session._id) throw refuse("run_not_found");
    const writer = await SessionWriter.open(ctx, session);
    const asked = await cancelRun(writer, run, ctx.caller.user._id);
    await writer.save();
    await ctx.report(asked ? { action: "run.cancelled", target: run._id } : null);
    return { sessionId: session._id, runId: run._id };
  },
});
