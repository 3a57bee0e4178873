import { v } from "convex/values";
import { isLive } from "#domain/lifecycle.ts";
import { LIMITS } from "#domain/limits.ts";
import { REWIND_LIMITS, REWIND_PARTS } from "#domain/rewind.ts";
import { orgMutation, orgQuery, serviceMutation } from "./functions.ts";
import { checkLease } from "./model/leases.ts";
import { resumeSession } from "./model/resume.ts";
import { baseOf, failRewind, orderRewind, pendingOf, refuseRewind, targetOf } from "./model/rewind.ts";
import { refuse } from "./model/refusal.ts";
import { mayChangeProject, takeBackPushes } from "./model/session-push.ts";
import { SessionWriter } from "./model/session-writer.ts";
import { mayDrive, sessionOf } from "./model/sessions.ts";
import { rewindCounts } from "./model/values.ts";
import { literals } from "./model/zod-validator.ts";

const wanted = {
  sessionId: v.string(),
  what: literals(REWIND_PARTS),
  /** One of these: see `Wanted` of convex/model/rewind.ts. */
  runId: v.optional(v.string()),
  beforeRunId: v.optional(v.string()),
  toSeq: v.optional(v.number()),
  checkpointId: v.optional(v.string()),
  undo: v.optional(v.boolean()),
};
const bounds = {
  toSeq: LIMITS.seq,
  overwrite: LIMITS.rewindPaths,
  keep: LIMITS.rewindPaths,
  pushes: { kind: "list", of: LIMITS.seq, min: 0, max: REWIND_LIMITS.maxPushes },
} as const;

/**
 * What a session would go back to, for who may have it go back.
 * @throws invalid_request | not_found | session_stopped | not_ready | turn_running | rewind_not_saved
 */
export const target = orgQuery({
  min: "member",
  scope: "sessions:write",
  bounds: { toSeq: bounds.toSeq },
  args: wanted,
  returns: v.object({
    sessionId: v.id("sandboxSessions"),
    sandboxId: v.string(),
    idleTimeoutMs: v.number(),
    /** False where it has ended, and would go on for it. */
    isLive: v.boolean(),
    /** Its latest checkpoint. */
    savedId: v.nullable(v.id("checkpoints")),
    what: literals(REWIND_PARTS),
    checkpointId: v.nullable(v.id("checkpoints")),
    /** How the last turn has left the files; null where that is not known. */
    baseId: v.nullable(v.id("checkpoints")),
    runId: v.nullable(v.id("runs")),
    toSeq: v.number(),
  }),
  handler: async (ctx, { sessionId, what, ...to }) => {
    const session = await sessionOf(ctx, ctx.caller, sessionId);
    mayDrive(ctx.caller, session);
    refuseRewind(session);
    const found = await targetOf(ctx, session, to, what);
    return {
      sessionId: session._id,
      sandboxId: session.sandboxId ?? "",
      idleTimeoutMs: session.idleTimeoutMs,
      isLive: isLive(session.status),
      savedId: session.checkpointId ?? null,
      what: found.what,
      checkpointId: found.checkpointId,
      baseId: (await baseOf(ctx, session))?._id ?? null,
      runId: found.turn,
      toSeq: found.toSeq,
    };
  },
});

/**
 * Has a session go back; one that has ended goes on for it in another sandbox, both or neither. What a person has changed
 * by hand stays unless it is named: where something is named in neither list, nothing is changed at all, and the log says
 * what stood in the way. Pushes to the project that are named are taken back in the same transaction as it begins.
 * @throws the same | session_limit | project_moved | forbidden
 */
export const start = orgMutation({
  min: "member",
  scope: "sessions:write",
  audit: "session-log",
  bounds,
  args: {
    ...wanted,
    overwrite: v.array(v.string()),
    keep: v.array(v.string()),
    /** Revisions of the project that were pushed from the session, to be taken back with it. */
    pushes: v.optional(v.array(v.number())),
    /** The word "production", where that is changed. */
    confirm: v.optional(v.string()),
  },
  returns: v.id("sessionRewinds"),
  handler: async (ctx, { sessionId, what, overwrite, keep, pushes = [], confirm, ...to }) => {
    const session = await sessionOf(ctx, ctx.caller, sessionId);
    mayDrive(ctx.caller, session);
    refuseRewind(session);
    const found = await targetOf(ctx, session, to, what);
    const writer = await SessionWriter.open(ctx, session);
    if (pushes.length > 0) {
      const { key } = ctx.caller;
      if (key && !key.scopes.includes("project:write"))
        throw refuse("scope_missing", { scope: "project:write" });
      mayChangeProject(ctx.caller, session, confirm);
      await takeBackPushes(ctx, writer, ctx.caller, pushes);
    }
    await resumeSession(writer, ctx.caller.user._id);
    const rewindId = await orderRewind(writer, ctx.caller.user._id, found, { overwrite, keep });
    await writer.save();
    return rewindId;
  },
});

const held = { sessionId: v.id("sandboxSessions"), generation: v.number() };

/** The order of a session for the server that holds it, which from now on carries it out. @throws lease_lost */
export const take = serviceMutation({
  args: held,
  returns: v.nullable(
    v.object({
      rewindId: v.id("sessionRewinds"),
      /** True where what was there is saved, and may be half replaced. */
      isApplying: v.boolean(),
      what: literals(REWIND_PARTS),
      checkpointId: v.nullable(v.id("checkpoints")),
      baseId: v.nullable(v.id("checkpoints")),
      undoId: v.nullable(v.id("checkpoints")),
      sandboxId: v.string(),
      idleTimeoutMs: v.number(),
      overwrite: v.array(v.string()),
      keep: v.array(v.string()),
    }),
  ),
  handler: async (ctx, { sessionId, generation }) => {
    const { session, stream } = await SessionWriter.open(ctx, sessionId);
    checkLease(stream, generation);
    const order = await pendingOf(ctx, session);
    if (!order) return null;
    await ctx.db.patch(order._id, { generation });
    return {
      rewindId: order._id,
      isApplying: order.status === "applying",
      what: order.what,
      checkpointId: order.checkpointId,
      baseId: order.baseId ?? null,
      undoId: order.undoId ?? null,
      sandboxId: session.sandboxId ?? "",
      idleTimeoutMs: session.idleTimeoutMs,
      overwrite: order.overwrite,
      keep: order.keep,
    };
  },
});

const ofOrder = { ...held, rewindId: v.id("sessionRewinds") };

/**
 * What was there is saved: from now on it may be replaced.
 * @param args `restoredId`: of a session that goes on for it, the checkpoint that its sandbox was brought to
 * @returns the checkpoint that holds it; null where the order is over
 * @throws lease_lost
 */
export const begin = serviceMutation({
  args: { ...ofOrder, restoredId: v.optional(v.id("checkpoints")) },
  returns: v.nullable(v.id("checkpoints")),
  handler: async (ctx, { sessionId, generation, rewindId, restoredId }) => {
    const { session, stream } = await SessionWriter.open(ctx, sessionId);
    checkLease(stream, generation);
    const order = await pendingOf(ctx, session, { rewindId, generation });
    const savedId = restoredId ?? session.checkpointId;
    const saved = order && savedId && (await ctx.db.get(savedId));
    if (!saved || saved.sessionId !== sessionId || saved.status !== "verified") return null;
    if (order.undoId) return order.undoId;
    await ctx.db.patch(order._id, { status: "applying", undoId: saved._id });
    return saved._id;
  },
});

/** What was replaced, and what had to stay. It counts once what came of it is saved. @throws lease_lost */
export const applied = serviceMutation({
  args: { ...ofOrder, kept: v.array(v.string()), counts: rewindCounts },
  returns: v.null(),
  handler: async (ctx, { sessionId, generation, rewindId, kept, counts }) => {
    const { session, stream } = await SessionWriter.open(ctx, sessionId);
    checkLease(stream, generation);
    const order = await pendingOf(ctx, session, { rewindId, generation });
    // Done again after a crash, there is less left to do than there was.
    if (!order) return;
    const named = kept.slice(0, REWIND_LIMITS.maxNamed);
    await ctx.db.patch(order._id, { kept: named, counts: order.counts ?? counts });
  },
});

/** The session could not go back, and is as it was. @throws lease_lost */
export const fail = serviceMutation({
  args: { ...ofOrder, error: v.string(), paths: v.array(v.string()), restart: v.boolean() },
  returns: v.null(),
  handler: async (ctx, { sessionId, generation, rewindId, ...why }) => {
    const writer = await SessionWriter.open(ctx, sessionId);
    checkLease(writer.stream, generation);
    const order = await pendingOf(ctx, writer.session, { rewindId, generation });
    if (!order) return;
    await failRewind(writer, order, why);
    await writer.save();
  },
});
