import { PERSON } from "#domain/event-people.ts";
import { isLive } from "#domain/lifecycle.ts";
import { REWIND_LIMITS, type RewindPart, rewindsConversation, rewindsFiles } from "#domain/rewind.ts";
import { savedBefore } from "#domain/turn-saves.ts";
import type { Doc, Id } from "../_generated/dataModel";
import type { MutationCtx, QueryCtx } from "../_generated/server";
import { refuse } from "../functions.ts";
import { demandSave, verifiedOf } from "./checkpoints.ts";
import { refuseResume } from "./resume.ts";
import { startNext } from "./runs.ts";
import type { SessionWriter } from "./session-writer.ts";
import { streamOf } from "./sessions.ts";

const SOURCE = "studio.lifecycle";
/** Rewinds of a session that are looked at to find what is set aside. */
const LOOKED_AT = 50;
const MAX_ERROR_CHARS = 500;

type Session = Doc<"sandboxSessions">;
type Checkpoint = Doc<"checkpoints">;
export type Rewind = Doc<"sessionRewinds">;

/** Where a session is to go back to: one of these. */
export interface Wanted {
  /** To this turn's end. */
  runId?: string;
  /** To what was before this turn's message. */
  beforeRunId?: string;
  /** To the last turn that had ended by this event. */
  toSeq?: number;
  checkpointId?: string;
  /** To what was there before the last rewind. */
  undo?: boolean;
}

/** What a session would go back to. */
export type Target = Pick<Rewind, "what" | "checkpointId" | "turn" | "turnSeq" | "toSeq"> & {
  undoes?: Id<"sessionRewinds">;
};

const isOneOf = (wanted: Wanted): boolean =>
  [wanted.runId, wanted.beforeRunId, wanted.toSeq, wanted.checkpointId, wanted.undo || undefined].filter(
    (one) => one !== undefined,
  ).length === 1;

async function turnOf(ctx: QueryCtx, session: Session, rawId: string): Promise<Doc<"runs">> {
  const id = ctx.db.normalizeId("runs", rawId);
  const run = id && (await ctx.db.get(id));
  if (run?.sessionId !== session._id) throw refuse("run_not_found");
  return run;
}

/** The verified checkpoints between turns, the earliest first, with the turn that each shows and where that ended. */
async function betweenTurns(ctx: QueryCtx, session: Session) {
  const all = (await verifiedOf(ctx, session._id)).toReversed();
  return all.flatMap((row) =>
    row.turn === undefined || row.turnSeq === undefined
      ? []
      : [{ row, turn: row.turn, turnSeq: row.turnSeq }],
  );
}

async function atTurn(ctx: QueryCtx, session: Session, { _id, endedSeq }: Doc<"runs">) {
  const found = (await betweenTurns(ctx, session)).find(({ turn }) => turn === _id);
  if (!found || endedSeq === undefined) throw refuse("rewind_not_saved");
  return found;
}

/** What was there right before a turn's message was sent; null where nothing had been said and nothing was saved. */
async function beforeTurn(ctx: QueryCtx, session: Session, run: Doc<"runs">) {
  const { previousTurn: previous, startedSeq = 0, endedSeq = startedSeq } = run;
  if (previous === undefined) throw refuse("rewind_not_saved");
  const found = savedBefore(await betweenTurns(ctx, session), { previousTurn: previous, endedSeq });
  if (!found && previous !== null) throw refuse("rewind_not_saved");
  return found ?? null;
}

/** Whether a place of the log is set aside: a conversation that went back behind it. */
async function isSetAside(ctx: QueryCtx, session: Session, seq: number): Promise<boolean> {
  const rewinds = await ctx.db
    .query("sessionRewinds")
    .withIndex("by_session", (q) => q.eq("sessionId", session._id))
    .order("desc")
    .take(LOOKED_AT);
  return rewinds.some(
    ({ status, what, isUndone, toSeq, seq: at = 0 }) =>
      status === "done" && rewindsConversation(what) && isUndone !== true && seq > toSeq && seq < at,
  );
}

async function undoOf(ctx: QueryCtx, session: Session): Promise<Target> {
  const last = session.undoableId && (await ctx.db.get(session.undoableId));
  if (!last?.undoId) throw refuse("rewind_nothing_to_undo");
  const saved = await ctx.db.get(last.undoId);
  if (saved?.status !== "verified") throw refuse("rewind_not_saved");
  return {
    what: last.what,
    checkpointId: last.undoId,
    turn: last.turnBefore,
    turnSeq: last.turnSeqBefore,
    toSeq: last.seq ?? 0,
    undoes: last._id,
  };
}

async function found(ctx: QueryCtx, session: Session, wanted: Wanted, what: RewindPart) {
  if (wanted.runId !== undefined) return await atTurn(ctx, session, await turnOf(ctx, session, wanted.runId));
  if (wanted.beforeRunId !== undefined)
    return await beforeTurn(ctx, session, await turnOf(ctx, session, wanted.beforeRunId));
  const all = await betweenTurns(ctx, session);
  if (wanted.toSeq !== undefined) {
    const { toSeq } = wanted;
    const { seq } = await streamOf(ctx, session._id);
    if (toSeq > seq) throw refuse("rewind_seq_unknown", { seq: toSeq, last: seq });
    const last = all.findLast(({ turnSeq }) => turnSeq <= toSeq);
    if (!last) throw refuse("rewind_not_saved");
    const its = all.filter(({ turn }) => turn === last.turn);
    return its.findLast(({ row }) => row.seq <= toSeq) ?? its[0]!;
  }
  const id = ctx.db.normalizeId("checkpoints", wanted.checkpointId ?? "");
  const one = id && (await ctx.db.get(id));
  if (one?.sessionId !== session._id || one.status !== "verified") throw refuse("checkpoint_not_found");
  const clean = all.find(({ row }) => row._id === one._id);
  if (clean) return clean;
  // What a turn has left half-done are files, and no conversation.
  if (what !== "files") throw refuse("rewind_in_turn");
  return { row: one, turn: null, turnSeq: 0 };
}

/**
 * What a session would go back to.
 * @throws invalid_request | not_found | rewind_not_saved
 */
export async function targetOf(
  ctx: QueryCtx,
  session: Session,
  wanted: Wanted,
  what: RewindPart,
): Promise<Target> {
  if (!isOneOf(wanted)) throw refuse("rewind_to_one");
  if (wanted.undo) return await undoOf(ctx, session);
  const place = await found(ctx, session, wanted, what);
  // Only a conversation has a beginning that needs no checkpoint.
  if (!place && what !== "conversation") throw refuse("rewind_no_files");
  const { turn = null, turnSeq = 0 } = place ?? {};
  if (rewindsConversation(what) && (await isSetAside(ctx, session, turnSeq)))
    throw refuse("rewind_set_aside");
  return { what, checkpointId: place?.row._id ?? null, turn, turnSeq, toSeq: turnSeq };
}

/**
 * Whether a session can be rewound now. One that has ended goes on for it, where its work is saved.
 * @throws session_stopped | not_ready | turn_running
 */
export function refuseRewind(session: Session): void {
  if (!isLive(session.status)) {
    refuseResume(session);
    if (session.checkpointId === undefined) throw refuse("rewind_nothing_saved");
    return;
  }
  if (session.status === "provisioning") throw refuse("session_not_ready");
  if (session.status === "active") throw refuse("rewind_in_run");
  if (session.rewindId !== undefined) throw refuse("rewind_going");
}

/** The checkpoint that says how the last turn has left the files, where it is still there. */
export async function baseOf(ctx: QueryCtx, session: Session): Promise<Checkpoint | null> {
  const base = session.turnCheckpointId && (await ctx.db.get(session.turnCheckpointId));
  return base?.status === "verified" ? base : null;
}

/** Has a session go back: an order, which the server carries out that holds the session. */
export async function orderRewind(
  writer: SessionWriter,
  userId: Id<"users">,
  { undoes, ...target }: Target,
  paths: Pick<Rewind, "overwrite" | "keep">,
): Promise<Id<"sessionRewinds">> {
  const { session, ctx } = writer;
  const base = await baseOf(ctx, session);
  const rewindId = await ctx.db.insert("sessionRewinds", {
    organizationId: session.organizationId,
    sessionId: session._id,
    userId,
    status: "asked",
    ...target,
    ...paths,
    ...(base && { baseId: base._id }),
    ...(undoes && { undoes }),
    turnBefore: session.lastTurn ?? null,
    turnSeqBefore: session.lastTurnSeq ?? 0,
  });
  writer.patch({ rewindId, lastActivityAt: writer.now });
  // One that goes on for it waits for its sandbox first.
  if (session.status !== "provisioning") await writer.wait("rewind");
  return rewindId;
}

/** The order of a session that a server carries out; null where it is another's by now, or over. */
export async function pendingOf(
  ctx: QueryCtx | MutationCtx,
  session: Session,
  given?: { rewindId: Id<"sessionRewinds">; generation: number },
): Promise<Rewind | null> {
  const order = session.rewindId && (await ctx.db.get(session.rewindId));
  if (!order || (order.status !== "asked" && order.status !== "applying")) return null;
  if (given && (order._id !== given.rewindId || order.generation !== given.generation)) return null;
  return order;
}

/** Whether the session's agent is still to be started: it then begins with what the session has gone back to. */
const isStarting = ({ session }: SessionWriter): boolean => session.status === "provisioning";

/** What the agent is to remember from here on. */
async function turnConversation(writer: SessionWriter, order: Rewind): Promise<void> {
  const saved = order.checkpointId && (await writer.ctx.db.get(order.checkpointId));
  // How the session began is saved without a conversation.
  const its = saved?.cause === "start" ? undefined : writer.session.agentSessionId;
  const known = saved ? (saved.agentSessionId ?? its) : undefined;
  writer.patch({
    // Without one it begins a conversation.
    agentSessionId: known,
    agentRestart: isStarting(writer) ? undefined : "rewound",
    recap: undefined,
    lastTurn: order.turn,
    lastTurnSeq: order.turnSeq,
  });
}

/**
 * A session has gone back, and what it is now is saved: both become true at once.
 * @param checkpointId what holds its state from now on
 */
export async function completeRewind(
  writer: SessionWriter,
  order: Rewind,
  checkpointId: Id<"checkpoints"> | undefined,
): Promise<void> {
  const { ctx } = writer;
  const { what, counts } = order;
  if (rewindsConversation(what)) await turnConversation(writer, order);
  const { lastTurn = null, lastTurnSeq = 0, agentSessionId } = writer.session;
  const target = order.checkpointId && (await ctx.db.get(order.checkpointId));
  const isMixed = what !== "both" || target?.turnSeq === undefined;
  if (checkpointId && checkpointId !== order.undoId)
    await ctx.db.patch(checkpointId, {
      turn: lastTurn,
      turnSeq: isMixed ? undefined : lastTurnSeq,
      ...(agentSessionId !== undefined && { agentSessionId }),
    });
  const undone = order.undoes && (await ctx.db.get(order.undoes));
  const seq = await writer.append(
    {
      type: "session.rewound",
      source: SOURCE,
      payload: {
        rewound_by: PERSON,
        what,
        to_seq: order.toSeq,
        run_id: order.turn,
        ...(order.checkpointId && { checkpoint_id: order.checkpointId }),
        ...(undone?.seq !== undefined && { undoes_seq: undone.seq }),
        ...(rewindsFiles(what) && counts && { files: counts }),
        ...(order.kept && order.kept.length > 0 && { kept: order.kept }),
      },
    },
    { personId: order.userId },
  );
  await ctx.db.patch(order._id, { status: "done", seq });
  if (undone) await ctx.db.patch(undone._id, { isUndone: true });
  writer.patch({
    rewindId: undefined,
    isMixed: isMixed || undefined,
    // What was undone is not undone again: that would be the same rewind once more.
    undoableId: undone ? undefined : order._id,
    ...(checkpointId && { turnCheckpointId: checkpointId }),
  });
  if (isStarting(writer)) return;
  await writer.wait(rewindsConversation(what) ? "agent-start" : null);
  await startNext(writer);
}

/** A session did not go back: everything is as it was. @param given `paths`: what stood in the way */
export async function failRewind(
  writer: SessionWriter,
  order: Rewind,
  { error, paths = [], restart = false }: { error: string; paths?: string[]; restart?: boolean },
): Promise<void> {
  const seq = await writer.append(
    {
      type: "session.rewind_failed",
      source: SOURCE,
      payload: {
        error: error.slice(0, MAX_ERROR_CHARS),
        ...(paths.length > 0 && { paths: paths.slice(0, REWIND_LIMITS.maxNamed) }),
      },
    },
    { personId: order.userId },
  );
  await writer.ctx.db.patch(order._id, { status: "failed", seq });
  writer.patch({ rewindId: undefined, ...(restart && { agentRestart: "rewound" }) });
  if (isStarting(writer)) return;
  await demandSave(writer.ctx, writer.session, "work");
  await writer.wait(restart ? "agent-start" : null);
  await startNext(writer);
}
