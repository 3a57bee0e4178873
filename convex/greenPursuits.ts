import { v } from "convex/values";
import { PERSON } from "#domain/event-people.ts";
import { LIMITS } from "#domain/limits.ts";
import { actorMutation, orgMutation, refuse } from "./functions.ts";
import { drivenRepository } from "./model/driven-repository.ts";
import { allGreenOf, endGreen, greenTarget, noteHanded, shownGreen, toGreen } from "./model/green.ts";
import { acceptMessage, openRuns } from "./model/runs.ts";
import { SessionWriter } from "./model/session-writer.ts";

/**
 * Gives the agent what a person chose of what checks and reviewers found: the message of a server, which has put it
 * together, as theirs. While the same message of theirs waits or is worked on, it is not sent once more.
 * @returns its run
 */
export const handOver = actorMutation({
  min: "member",
  scope: "sessions:write",
  audit: "session-log",
  bounds: { message: LIMITS.message, comments: LIMITS.findingKeys, traceparent: LIMITS.traceparent },
  args: {
    sessionId: v.string(),
    folder: v.string(),
    message: v.string(),
    comments: v.array(v.string()),
    traceparent: v.optional(v.string()),
  },
  returns: v.id("runs"),
  handler: async (ctx, { message, comments, traceparent, ...where }) => {
    const { session, row } = await drivenRepository(ctx, ctx.caller, where);
    const writer = await SessionWriter.open(ctx, session);
    // A second click, half a second later: the agent has it already.
    for (const status of ["pending", "running"] as const) {
      const same = (await openRuns(writer, status)).find(
        ({ input, userId }) => input === message && userId === ctx.caller.user._id,
      );
      if (same) return same._id;
    }
    const runId = await acceptMessage(writer, ctx.caller, message, { traceparent });
    await writer.save();
    await noteHanded(ctx, row, comments);
    return runId;
  },
});

/**
 * Has the agent work on a pull request until it is green, within bounds. One that has ended makes room for the next.
 * @throws not_found | forbidden | session_stopped | invalid_request without an open pull request, or while one is going
 */
export const start = orgMutation({
  min: "member",
  scope: "sessions:write",
  audit: "entry",
  bounds: { maxAttempts: LIMITS.greenAttempts, maxCostMicroUsd: LIMITS.budgetCap },
  args: {
    sessionId: v.string(),
    folder: v.string(),
    maxAttempts: v.number(),
    maxCostMicroUsd: v.number(),
  },
  returns: shownGreen,
  handler: async (ctx, { maxAttempts, maxCostMicroUsd, ...where }) => {
    const { user, key } = ctx.caller;
    const { session, row } = await drivenRepository(ctx, ctx.caller, where);
    const { pullRequest: pull } = row;
    if (!pull || (pull.state !== "open" && pull.state !== "draft")) throw refuse("green_no_pull_request");
    const known = (await allGreenOf(ctx, session._id)).find(({ folder }) => folder === row.folder);
    if (known?.reason === null) throw refuse("green_going");
    if (known) await ctx.db.delete(known._id);
    const now = Date.now();
    const id = await ctx.db.insert("greenPursuits", {
      organizationId: session.organizationId,
      sessionId: session._id,
      folder: row.folder,
      userId: user._id,
      ...(key && { keyId: key._id }),
      maxAttempts,
      maxCostMicroUsd,
      attempts: 0,
      costMicroUsd: 0,
      fruitless: 0,
      phase: "looking",
      lookingSince: now,
      dueAt: now,
      claim: 0,
      reason: null,
      startedAt: now,
    });
    const writer = await SessionWriter.open(ctx, session);
    await writer.append(
      {
        type: "git.green",
        source: "ui.user",
        payload: {
          act: "started",
          repository: row.repository,
          changed_by: PERSON,
          max_attempts: maxAttempts,
          max_cost_micro_usd: maxCostMicroUsd,
        },
      },
      { personId: user._id },
    );
    await writer.save();
    await ctx.report({
      action: "green.started",
      target: greenTarget(row),
      after: { max_attempts: maxAttempts, max_cost_micro_usd: maxCostMicroUsd },
    });
    const made = await ctx.db.get(id);
    if (!made) throw refuse("green_none");
    return toGreen(made);
  },
});

/** Ends a pursuit on a person's word. A run that is under way goes on; what it changes is theirs to commit. @throws not_found */
export const stop = orgMutation({
  min: "member",
  scope: "sessions:write",
  audit: "entry",
  args: { sessionId: v.string(), folder: v.string() },
  returns: v.null(),
  handler: async (ctx, where) => {
    const { user } = ctx.caller;
    const { session, row } = await drivenRepository(ctx, ctx.caller, where);
    const known = (await allGreenOf(ctx, session._id)).find(({ folder }) => folder === row.folder);
    if (!known) throw refuse("green_none");
    if (known.reason !== null) {
      await ctx.report(null);
      return null;
    }
    const writer = await SessionWriter.open(ctx, session);
    await endGreen(writer, known, "stopped", { personId: user._id });
    await writer.save();
    await ctx.report({
      action: "green.ended",
      target: greenTarget(row),
      after: { reason: "stopped", attempts: known.attempts },
    });
    return null;
  },
});
