import { v } from "convex/values";
import { CHECKPOINT_CAUSES, CHECKPOINT_LIMITS, claimEndsAt } from "#domain/checkpoints.ts";
import { isLive } from "#domain/lifecycle.ts";
import { problemFor } from "#domain/problems.ts";
import { turnSave } from "#domain/turn-saves.ts";
import type { Id } from "./_generated/dataModel";
import { serviceMutation, serviceQuery } from "./functions.ts";
import {
  addToUsage,
  demandSave,
  goingOf,
  isOpen,
  letGoOf,
  saveDone,
  saveFailed,
  saveOf,
  storedBytesOf,
  verifiedOf,
} from "./model/checkpoints.ts";
import { latestKeyOf, packKey } from "./model/checkpoint-keys.ts";
import { completeRewind, pendingOf } from "./model/rewind.ts";
import { turnSaved, turnShown } from "./model/checkpoint-turn.ts";
import { settingsOf } from "./model/settings.ts";
import { SessionWriter } from "./model/session-writer.ts";
import { leftOut } from "./model/values.ts";
import { literals } from "./model/zod-validator.ts";

const SOURCE = "studio.checkpoints";
const MAX_ERROR_CHARS = 500;
const MAX_PATHS = 5;
const checkpointId = v.id("checkpoints");
const ofRewind = v.object({ rewindId: v.id("sessionRewinds"), generation: v.number() });
/** Of one try of one server. */
const ofTry = { checkpointId, storedAs: v.string() };

/**
 * Begins a checkpoint, so that no other server does.
 * @param args `storedAs`: the name under which it will be stored
 * @returns the checkpoint that it can lean on (`previous`), or null where it is to be whole, and the names that it leaves
 * out (`skip`); `busy` where another server
 * takes one; `taken` where that one has read all that a turn's end is to hold; `none` where there is nothing to be saved now; `full` where the organization's limit is reached, which is
 * noted
 */
export const begin = serviceMutation({
  args: {
    sessionId: v.id("sandboxSessions"),
    cause: literals(CHECKPOINT_CAUSES),
    storedAs: v.string(),
    /** The rewind that it is to complete. */
    ofRewind: v.optional(ofRewind),
    /** Whether the server says from now on that it is still at it. */
    saysAlive: v.optional(v.boolean()),
  },
  returns: v.union(
    v.object({ state: v.union(v.literal("none"), v.literal("busy"), v.literal("taken"), v.literal("full")) }),
    v.object({
      state: v.literal("begun"),
      checkpointId,
      organizationId: v.id("organizations"),
      /** What it is sealed with; null where a key is still to be made. */
      key: v.nullable(packKey),
      sandboxId: v.string(),
      idleTimeoutMs: v.number(),
      previous: v.nullable(v.string()),
      skip: v.array(v.string()),
      /** True where the agent may be starting, and there is no conversation to be saved. */
      withoutAgent: v.boolean(),
    }),
  ),
  handler: async (ctx, { sessionId, cause, storedAs, ofRewind: completes, saysAlive }) => {
    const writer = await SessionWriter.open(ctx, sessionId);
    const { session } = writer;
    const save = await saveOf(ctx, sessionId);
    const isFirst = cause === "start" && session.lastTurn === undefined;
    const order = await pendingOf(ctx, session, completes);
    const isOrdered = completes !== undefined && order?.status === "applying";
    // A session that goes on to go back is saved before its agent starts.
    const isReady = session.status !== "provisioning" || isFirst || isOrdered;
    const has = isLive(session.status) && isReady && session.sandboxId !== undefined;
    // A message has come since it was idle.
    if (cause === "idle" && session.status === "active") return { state: "none" as const };
    if (!has || session.logRemovedAt !== undefined) {
      if (save) await ctx.db.patch(save._id, { dueAt: 0 });
      return { state: "none" as const };
    }
    if (completes && !isOrdered) return { state: "none" as const };
    // Between its beginning and its end nothing is saved but what came of it.
    if (!completes && order?.status === "applying") return { state: "busy" as const };
    const turn = await turnShown(writer);
    const going = await goingOf(writer);
    const needs = cause === "turn" ? turnSave(session, save, { going, shown: turn }) : null;
    if (going) return { state: needs === "saving" ? ("taken" as const) : ("busy" as const) };
    if (needs === "saved") return { state: "none" as const };
    // There is one, or a turn has begun: how the session began is not to be had any longer.
    const isHad = session.status !== "provisioning" && session.turnCheckpointId !== undefined;
    if (cause === "start" && (!isFirst || isHad || turn !== null)) return { state: "none" as const };
    const settings = await settingsOf(ctx, session.organizationId);
    if ((await storedBytesOf(ctx, session.organizationId)) >= settings.saved_work_gb * 1e9) {
      const { message } = problemFor("checkpoints_full", { gigabytes: settings.saved_work_gb });
      await saveFailed(writer, message);
      await writer.save();
      return { state: "full" as const };
    }
    const last = session.checkpointId && (await ctx.db.get(session.checkpointId));
    const [newest] = await verifiedOf(ctx, sessionId);
    // One that was passed over when the session was resumed may be spoiled: what comes after it is whole.
    const leansOn =
      last && newest?._id === last._id && last.place + 1 < CHECKPOINT_LIMITS.chain ? last : null;
    // Also where the first message came before how the session began was saved.
    const isStart =
      cause === "start" || (cause === "turn" && turn === null && session.lastTurn === undefined);
    const begun = await ctx.db.insert("checkpoints", {
      organizationId: session.organizationId,
      sessionId,
      status: "arriving",
      cause: isStart ? "start" : cause,
      seq: writer.stream.seq,
      storedAs,
      startedAt: writer.now,
      ...(saysAlive && { aliveAt: writer.now }),
      ...(session.agentSessionId !== undefined && !isStart && { agentSessionId: session.agentSessionId }),
      chain: 0,
      place: 0,
      bytes: 0,
      files: 0,
      workspaceBytes: 0,
      leftOut: [],
      leftOutCount: 0,
      ...(turn !== undefined && { turn, ...(!session.isMixed && { turnSeq: session.lastTurnSeq ?? 0 }) }),
      ...(completes && { ofRewind: completes }),
    });
    await demandSave(ctx, session, cause);
    const now = await saveOf(ctx, sessionId);
    const times = { startedAt: writer.now, aliveAt: saysAlive ? writer.now : undefined };
    if (now) await ctx.db.patch(now._id, { dueAt: claimEndsAt(times) });
    return {
      state: "begun" as const,
      checkpointId: begun,
      organizationId: session.organizationId,
      key: await latestKeyOf(ctx, session.organizationId),
      sandboxId: session.sandboxId!,
      idleTimeoutMs: session.idleTimeoutMs,
      previous: leansOn?.commit ?? null,
      skip: settings.not_saved,
      withoutAgent: isStart,
    };
  },
});

/** The server that takes a checkpoint is still at it: no other one takes it up. */
export const alive = serviceMutation({
  args: ofTry,
  returns: v.null(),
  handler: async (ctx, { checkpointId: id, storedAs }) => {
    const row = await ctx.db.get(id);
    if (!isOpen(row, storedAs) || row.aliveAt === undefined) return;
    const times = { startedAt: row.startedAt, aliveAt: Date.now() };
    const save = await saveOf(ctx, row.sessionId);
    if (save?.dueAt === claimEndsAt(row)) await ctx.db.patch(save._id, { dueAt: claimEndsAt(times) });
    await ctx.db.patch(id, { aliveAt: times.aliveAt });
  },
});

/** All of a checkpoint was read within its sandbox, from where it is still to travel: the next turn may begin. */
export const taken = serviceMutation({
  args: ofTry,
  returns: v.null(),
  handler: async (ctx, { checkpointId: id, storedAs }) => {
    const row = await ctx.db.get(id);
    if (!isOpen(row, storedAs)) return;
    const writer = await SessionWriter.open(ctx, row.sessionId);
    const isWhole = row.turn !== undefined && (await turnShown(writer)) === row.turn;
    await ctx.db.patch(id, isWhole ? { isTaken: true } : { turn: undefined, turnSeq: undefined });
  },
});

/**
 * A checkpoint has arrived, and what is stored has the hash that was sent: from now on it can be returned to. The chain
 * before the last one is let go of.
 * @param args `previous`: the commit that it leans on; null where it is whole
 * @returns false where it is no longer wanted, so that what is stored is to be removed
 */
export const finish = serviceMutation({
  args: {
    ...ofTry,
    previous: v.nullable(v.string()),
    commit: v.string(),
    tree: v.string(),
    sha256: v.string(),
    /** Absent where a server of an earlier release has stored it as it is. */
    keyId: v.optional(v.id("checkpointKeys")),
    bytes: v.number(),
    files: v.number(),
    workspaceBytes: v.number(),
    leftOut: v.array(leftOut),
    leftOutCount: v.number(),
  },
  returns: v.boolean(),
  handler: async (ctx, { checkpointId: id, storedAs, previous, ...facts }) => {
    const row = await ctx.db.get(id);
    if (!isOpen(row, storedAs)) return false;
    const writer = await SessionWriter.open(ctx, row.sessionId);
    const before = await verifiedOf(ctx, row.sessionId);
    const last = previous === null ? null : before.find(({ commit }) => commit === previous);
    if (last === undefined) return false;
    const place = last
      ? { chain: last.chain, place: last.place + 1 }
      : { chain: (before[0]?.chain ?? 0) + 1, place: 0 };
    await ctx.db.patch(id, {
      turn: await turnSaved(writer, id, row),
      ...facts,
      ...place,
      leftOut: facts.leftOut.slice(0, CHECKPOINT_LIMITS.leftOut),
      status: "verified",
      verifiedAt: writer.now,
    });
    await letGoOf(
      ctx,
      before.filter(({ chain }) => chain < place.chain - 1),
    );
    await addToUsage(ctx, row.organizationId, facts.bytes);
    await saveDone(writer, row);
    const completes = row.ofRewind && (await pendingOf(ctx, writer.session, row.ofRewind));
    writer.patch({ checkpointId: id, savedAt: row.startedAt, savedBytes: facts.workspaceBytes });
    await writer.append({
      type: "checkpoint.created",
      source: SOURCE,
      payload: {
        checkpoint_id: id,
        cause: row.cause,
        files: facts.files,
        workspace_bytes: facts.workspaceBytes,
        stored_bytes: facts.bytes,
        left_out: facts.leftOutCount,
        ...(facts.leftOut.length > 0 && {
          left_out_paths: facts.leftOut.slice(0, MAX_PATHS).map(({ path }) => path),
        }),
        duration_ms: writer.now - row.startedAt,
      },
    });
    if (completes) await completeRewind(writer, completes, id);
    await writer.save();
    return true;
  },
});

/** Nothing has changed since the last checkpoint: that one holds. */
export const unchanged = serviceMutation({
  args: ofTry,
  returns: v.null(),
  handler: async (ctx, { checkpointId: id, storedAs }) => {
    const row = await ctx.db.get(id);
    if (!isOpen(row, storedAs)) return;
    const writer = await SessionWriter.open(ctx, row.sessionId);
    await ctx.db.delete(id);
    await saveDone(writer, row);
    await turnSaved(writer, writer.session.checkpointId, row);
    writer.patch({ savedAt: row.startedAt });
    const completes = row.ofRewind && (await pendingOf(ctx, writer.session, row.ofRewind));
    if (completes) await completeRewind(writer, completes, writer.session.checkpointId);
    await writer.save();
  },
});

/** A checkpoint could not be taken. What may be stored of it is removed. */
export const fail = serviceMutation({
  args: { ...ofTry, error: v.string() },
  returns: v.null(),
  handler: async (ctx, { checkpointId: id, storedAs, error }) => {
    const row = await ctx.db.get(id);
    if (!isOpen(row, storedAs)) return;
    const writer = await SessionWriter.open(ctx, row.sessionId);
    await letGoOf(ctx, [row]);
    await saveFailed(writer, error.slice(0, MAX_ERROR_CHARS));
    await writer.save();
  },
});

/**
 * Whether what is stored of a checkpoint that nobody returns to may be removed now. Where a branch, or the session that
 * it came from, has it too, this row alone goes.
 */
export const release = serviceMutation({
  args: { checkpointId },
  returns: v.boolean(),
  handler: async (ctx, { checkpointId: id }) => {
    const row = await ctx.db.get(id);
    if (!row || row.status === "verified") return false;
    const [one, another] = await ctx.db
      .query("checkpoints")
      .withIndex("by_stored", (q) => q.eq("storedAs", row.storedAs))
      .take(2);
    if (!another && one) return true;
    await ctx.db.delete(id);
    return false;
  },
});

/** What was stored of a checkpoint is gone. */
export const removed = serviceMutation({
  args: { checkpointId },
  returns: v.null(),
  handler: async (ctx, { checkpointId: id }) => {
    const row = await ctx.db.get(id);
    if (!row || row.status === "verified") return;
    if (row.sha256 !== undefined) await addToUsage(ctx, row.organizationId, -row.bytes);
    await ctx.db.delete(id);
  },
});

/** A session's verified checkpoints, the latest first, as a server needs them to return to one. */
export const stored = serviceQuery({
  args: { sessionId: v.id("sandboxSessions") },
  returns: v.array(
    v.object({
      checkpointId,
      seq: v.number(),
      startedAt: v.number(),
      chain: v.number(),
      place: v.number(),
      organizationId: v.id("organizations"),
      storedAs: v.string(),
      /** What sealed it; null where it is stored as it is. */
      key: v.nullable(packKey),
      /** Whether it is how the session began. */
      isStart: v.boolean(),
      bytes: v.number(),
      sha256: v.string(),
      commit: v.string(),
      tree: v.string(),
    }),
  ),
  handler: async (ctx, { sessionId }) => {
    const rows = await verifiedOf(ctx, sessionId);
    const keys = new Map<Id<"checkpointKeys">, typeof packKey.type>();
    for (const id of new Set(rows.flatMap(({ keyId }) => keyId ?? []))) {
      const key = await ctx.db.get(id);
      if (key) keys.set(id, { id, wrapped: key.wrapped, kekVersion: key.kekVersion });
    }
    return rows.map((row) => ({
      organizationId: row.organizationId,
      key: row.keyId === undefined ? null : (keys.get(row.keyId) ?? null),
      checkpointId: row._id,
      seq: row.seq,
      startedAt: row.startedAt,
      chain: row.chain,
      place: row.place,
      storedAs: row.storedAs,
      isStart: row.cause === "start",
      bytes: row.bytes,
      sha256: row.sha256 ?? "",
      commit: row.commit ?? "",
      tree: row.tree ?? "",
    }));
  },
});
