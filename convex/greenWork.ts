import { v } from "convex/values";
import { GREEN_ENDS, GREEN_LIMITS, GREEN_PHASES, GREEN_TIMES } from "#domain/green.ts";
import { MAX_HANDED_KEYS } from "#domain/findings.ts";
import { isLive } from "#domain/lifecycle.ts";
import { ROLES } from "#domain/roles.ts";
import { serviceMutation } from "./functions.ts";
import { audit } from "./model/audit.ts";
import { pullRequest } from "./model/git.ts";
import {
  claimedGreen,
  endGreen,
  greenTarget,
  noteHanded,
  personBehind,
  repositoryOfGreen,
} from "./model/green.ts";
import { acceptMessage } from "./model/runs.ts";
import { SessionWriter } from "./model/session-writer.ts";
import { literals } from "./model/zod-validator.ts";

/** While an attempt's run is at work its end says when to look; this is in case nothing does. */
const WORKING_MS = 10 * 60_000;

const ofClaim = { pursuitId: v.id("greenPursuits"), claim: v.number() };

/**
 * Takes up a pursuit that is due, so that no other server does. Where its session or its person's rights have ended, it
 * ends here.
 * @returns what there is to do; null where nothing is
 */
export const claim = serviceMutation({
  args: { pursuitId: v.id("greenPursuits") },
  returns: v.nullable(
    v.object({
      claim: v.number(),
      sessionId: v.id("sandboxSessions"),
      /** In whose name it is done. */
      person: v.object({
        organizationId: v.id("organizations"),
        userId: v.id("users"),
        role: literals(ROLES),
        name: v.string(),
      }),
      phase: literals(GREEN_PHASES),
      /** True while something else is at work in the session. */
      busy: v.boolean(),
      folder: v.string(),
      connection: v.string(),
      repository: v.string(),
      pullRequest,
      handed: v.array(v.string()),
      attempts: v.number(),
      head: v.nullable(v.string()),
      pushed: v.nullable(v.string()),
      lookingSince: v.number(),
      /** How the attempt's run stands. */
      run: v.nullable(v.object({ status: v.string(), error: v.nullable(v.string()) })),
    }),
  ),
  handler: async (ctx, { pursuitId }) => {
    const pursuit = await ctx.db.get(pursuitId);
    const now = Date.now();
    if (!pursuit || pursuit.reason !== null || pursuit.dueAt > now) return null;
    const session = await ctx.db.get(pursuit.sessionId);
    if (!session) return null;
    const writer = await SessionWriter.open(ctx, session);
    const caller = await personBehind(ctx, pursuit, session);
    const row = await repositoryOfGreen(ctx, pursuit);
    if (!caller || !isLive(session.status) || !row?.pullRequest) {
      await endGreen(writer, pursuit, caller ? "session_ended" : "person_left");
      await writer.save();
      return null;
    }
    const next = pursuit.claim + 1;
    await ctx.db.patch(pursuitId, { dueAt: now + GREEN_TIMES.claimMs, claim: next });
    const run = pursuit.runId ? await ctx.db.get(pursuit.runId) : null;
    const { organizationId, user, role } = caller;
    const isFree = session.status === "ready" || session.status === "idle";
    return {
      claim: next,
      sessionId: session._id,
      person: { organizationId, userId: user._id, role, name: user.name },
      phase: pursuit.phase,
      busy: !isFree || session.rewindId !== undefined,
      folder: row.folder,
      connection: row.connection,
      repository: row.repository,
      pullRequest: row.pullRequest,
      handed: row.handed ?? [],
      attempts: pursuit.attempts,
      head: pursuit.head ?? null,
      pushed: pursuit.pushed ?? null,
      lookingSince: pursuit.lookingSince,
      run: run && { status: run.status, error: run.error ?? null },
    };
  },
});

/** A server is still at it. @returns whether the pursuit is still its own, and goes on */
export const renew = serviceMutation({
  args: ofClaim,
  returns: v.boolean(),
  handler: async (ctx, given) => {
    const pursuit = await claimedGreen(ctx, given);
    if (pursuit) await ctx.db.patch(pursuit._id, { dueAt: Date.now() + GREEN_TIMES.claimMs });
    return pursuit !== null;
  },
});

/**
 * Nothing is to be done before some time has passed. A host that cannot be asked for long ends it.
 * @param args `problem`: why the host could not be asked, if so
 */
export const later = serviceMutation({
  args: { ...ofClaim, afterMs: v.number(), problem: v.optional(v.string()) },
  returns: v.null(),
  handler: async (ctx, { afterMs, problem, ...given }) => {
    const pursuit = await claimedGreen(ctx, given);
    if (!pursuit) return;
    const now = Date.now();
    const failingSince = problem === undefined ? undefined : (pursuit.failingSince ?? now);
    // The attempt's run may have ended since it was looked at: its end has said so, and must be heard.
    const run = pursuit.phase === "working" && pursuit.runId ? await ctx.db.get(pursuit.runId) : null;
    const isOver = run !== null && run.status !== "pending" && run.status !== "running";
    const dueAt = isOver ? now : now + Math.max(0, afterMs);
    await ctx.db.patch(pursuit._id, { dueAt, failingSince });
    if (failingSince === undefined || now - failingSince < GREEN_TIMES.failMs) return;
    const writer = await SessionWriter.open(ctx, pursuit.sessionId);
    await endGreen(writer, pursuit, "host_failed", problem === undefined ? {} : { detail: problem });
    await writer.save();
  },
});

/**
 * Begins an attempt: the agent gets what was found, as a message of the person who has started this. It may do what the
 * session's rules let it do, and nothing more.
 * @returns whether it has begun; where a bound is reached, the pursuit has ended
 */
export const attempt = serviceMutation({
  args: {
    ...ofClaim,
    /** The pull request's last commit. */
    head: v.string(),
    message: v.string(),
    found: v.number(),
    comments: v.array(v.string()),
  },
  returns: v.boolean(),
  handler: async (ctx, { head, message, found, comments, ...given }) => {
    const pursuit = await claimedGreen(ctx, given);
    const session = pursuit && (await ctx.db.get(pursuit.sessionId));
    const row = pursuit && (await repositoryOfGreen(ctx, pursuit));
    if (!pursuit || !session || !row || pursuit.phase !== "looking") return false;
    const writer = await SessionWriter.open(ctx, session);
    const caller = await personBehind(ctx, pursuit, session);
    const maxCostMicroUsd = pursuit.maxCostMicroUsd - pursuit.costMicroUsd;
    const over = !caller
      ? "person_left"
      : !isLive(session.status)
        ? "session_ended"
        : pursuit.attempts >= pursuit.maxAttempts
          ? "attempts"
          : maxCostMicroUsd <= 0
            ? "cost"
            : null;
    if (over !== null || !caller) {
      await endGreen(writer, pursuit, over ?? "person_left");
      await writer.save();
      return false;
    }
    const isFree = session.status === "ready" || session.status === "idle";
    if (!isFree || session.rewindId !== undefined) {
      await ctx.db.patch(pursuit._id, { dueAt: writer.now + GREEN_TIMES.busyMs });
      return false;
    }
    const number = pursuit.attempts + 1;
    await writer.append({
      type: "git.green",
      source: "studio.green",
      payload: {
        act: "attempt",
        repository: row.repository,
        changed_by: "Studio",
        attempt: number,
        max_attempts: pursuit.maxAttempts,
        found,
      },
    });
    const runId = await acceptMessage(writer, caller, message, { pursuitId: pursuit._id, maxCostMicroUsd });
    await writer.save();
    await ctx.db.patch(pursuit._id, {
      attempts: number,
      phase: "working",
      runId,
      head,
      handing: comments.slice(0, MAX_HANDED_KEYS),
      failingSince: undefined,
      dueAt: writer.now + WORKING_MS,
    });
    await audit(ctx, {
      organizationId: session.organizationId,
      actor: { kind: "system", label: "to green" },
      action: "green.attempted",
      target: greenTarget(row),
      after: { attempt: number, run_id: runId, found },
    });
    return true;
  },
});

/** The attempt's run is over: what it has changed is committed and pushed next. */
export const leave = serviceMutation({
  args: ofClaim,
  returns: v.boolean(),
  handler: async (ctx, given) => {
    const pursuit = await claimedGreen(ctx, given);
    if (pursuit?.phase !== "working") return pursuit?.phase === "leaving";
    await ctx.db.patch(pursuit._id, { phase: "leaving", dueAt: Date.now() + GREEN_TIMES.claimMs });
    return true;
  },
});

/** What an attempt has left: a commit that was pushed, or nothing. Two in a row that change nothing end it. */
export const left = serviceMutation({
  args: { ...ofClaim, commit: v.nullable(v.string()) },
  returns: v.null(),
  handler: async (ctx, { commit, ...given }) => {
    const pursuit = await claimedGreen(ctx, given);
    if (pursuit?.phase !== "leaving") return;
    const now = Date.now();
    const fruitless = commit === null ? pursuit.fruitless + 1 : 0;
    await ctx.db.patch(pursuit._id, {
      phase: "looking",
      fruitless,
      dueAt: now,
      ...(commit !== null && { pushed: commit, lookingSince: now }),
    });
    const row = await repositoryOfGreen(ctx, pursuit);
    if (commit !== null && row) await noteHanded(ctx, row, pursuit.handing ?? []);
    if (fruitless < GREEN_LIMITS.maxFruitless) return;
    const writer = await SessionWriter.open(ctx, pursuit.sessionId);
    await endGreen(writer, pursuit, "no_change");
    await writer.save();
  },
});

/** Ends a pursuit for what a server has found. */
export const end = serviceMutation({
  args: { ...ofClaim, reason: literals(GREEN_ENDS), detail: v.optional(v.string()) },
  returns: v.null(),
  handler: async (ctx, { reason, detail, ...given }) => {
    const pursuit = await claimedGreen(ctx, given);
    if (!pursuit) return;
    const writer = await SessionWriter.open(ctx, pursuit.sessionId);
    await endGreen(writer, pursuit, reason, detail === undefined ? {} : { detail });
    await writer.save();
  },
});
