import { BRANCH_OF } from "#domain/branches.ts";
import { PERSON } from "#domain/event-people.ts";
import type { Doc, Id } from "../_generated/dataModel";
import type { MutationCtx } from "../_generated/server";
import { refuse } from "../functions.ts";
import { verifiedOf } from "./checkpoints.ts";
import { takeUpTo } from "./paging.ts";
import { recapOf, TOLD } from "./recap.ts";
import type { SessionWriter } from "./session-writer.ts";
import { streamOf } from "./sessions.ts";

type Session = Doc<"sandboxSessions">;
type Checkpoint = Doc<"checkpoints">;

/** What a branch begins with. */
interface Root {
  /** What it leans on, from the whole one on; the last is what it is brought to. Empty where nothing was saved. */
  chain: Checkpoint[];
  last: Checkpoint | undefined;
}

/**
 * What a branch of a session at an event begins with: the last checkpoint at or before it.
 * @throws session_log_gone | branch_seq_unknown
 */
export async function rootOf(ctx: MutationCtx, parent: Session, fromSeq: number): Promise<Root> {
  if (parent.logRemovedAt !== undefined) throw refuse("session_log_gone");
  const { seq: last } = await streamOf(ctx, parent._id);
  if (fromSeq > last) throw refuse("branch_seq_unknown", { seq: fromSeq, last });
  const verified = await verifiedOf(ctx, parent._id);
  // Before the first turn there was nothing but the session's preparation.
  const start = verified.find(({ cause, origin }) => cause === "start" && origin === undefined);
  const wanted = verified.find(({ seq }) => seq <= fromSeq) ?? start;
  const chain = verified
    .filter(({ chain, place }) => wanted && chain === wanted.chain && place <= wanted.place)
    .toSorted((a, b) => a.place - b.place);
  return { chain, last: wanted };
}

/** Gives a branch what it begins with: rows of its own, of the same bytes. @returns the one that it is brought to */
export async function shareChain(
  ctx: MutationCtx,
  sessionId: Id<"sandboxSessions">,
  chain: readonly Checkpoint[],
): Promise<Id<"checkpoints"> | undefined> {
  let last: Id<"checkpoints"> | undefined;
  for (const { _id, _creationTime, turn: _turn, turnSeq: _turnSeq, ofRewind: _rewind, ...row } of chain) {
    const isStart = _id === chain.at(-1)?._id;
    last = await ctx.db.insert("checkpoints", {
      ...row,
      // What the branch begins with is what it can go back to; the turns before are another session's.
      ...(isStart && { turn: null, turnSeq: 0 }),
      sessionId,
      seq: 0,
      chain: 1,
      origin: { sessionId: row.sessionId, seq: row.seq, isStart },
    });
  }
  return last;
}

/** A branch's title, where nobody gave it one. */
export const branchTitle = (parent: Session, maxChars: number): string =>
  (parent.title.startsWith(BRANCH_OF) ? parent.title : `${BRANCH_OF}${parent.title}`).slice(0, maxChars);

/** What a branch's log says of where it comes from. */
export const branchedEvent = (parent: Session, fromSeq: number, last: Checkpoint | undefined) => ({
  type: "session.branched" as const,
  source: "studio.lifecycle",
  payload: {
    branched_by: PERSON,
    parent_session_id: parent._id,
    parent_title: parent.title,
    from_seq: fromSeq,
    ...(last && { checkpoint_id: last._id, saved_at: last.startedAt, saved_seq: last.seq }),
  },
});

/** Turns of the parent, the latest first, as they stood at the event that a branch has last; without what came later. */
async function turnsUntil(
  ctx: MutationCtx,
  parentId: Id<"sandboxSessions">,
  fromSeq: number,
): Promise<{ run: Doc<"runs">; isOver: boolean }[]> {
  const event = await ctx.db
    .query("sessionEvents")
    .withIndex("by_session_seq", (q) => q.eq("sessionId", parentId).eq("seq", fromSeq))
    .unique();
  if (!event) return [];
  const runs = await takeUpTo(
    ctx.db
      .query("runs")
      .withIndex("by_session", (q) => q.eq("sessionId", parentId).lte("_creationTime", event._creationTime))
      .order("desc"),
    { rows: TOLD.rows },
  );
  return runs
    .filter(({ startedSeq = Infinity }) => startedSeq <= fromSeq)
    .map((run) => ({ run, isOver: run.completedAt !== undefined && run.completedAt <= event.ts }));
}

/**
 * What a branch's agent is to be told with the first message, of the session that it comes from: all of its last turns
 * where it remembers none, else those that are behind the checkpoint.
 */
export async function branchRecap(
  writer: SessionWriter,
  checkpoint: Checkpoint | null,
  remembers: boolean,
): Promise<{ recap: string; turns: number } | null> {
  const { parentSessionId, branchFromSeq } = writer.session;
  if (parentSessionId === undefined || branchFromSeq === undefined) return null;
  const turns = await turnsUntil(writer.ctx, parentSessionId, branchFromSeq);
  const savedAt = checkpoint?.origin && checkpoint.startedAt;
  const isKnown = ({ completedAt }: Doc<"runs">) =>
    remembers && savedAt !== undefined && completedAt !== undefined && completedAt <= savedAt;
  const untold = turns.filter(({ run }) => !isKnown(run)).slice(0, TOLD.runs);
  if (untold.length === 0) return null;
  const before = remembers
    ? "(This session is a branch of another one. You remember that one up to the moment at which its files were saved, and the files here are as they were then. What was said there after that, in short:"
    : "(This session is a branch of another one, whose conversation you don't remember. The end of it, in short:";
  const recap = recapOf(
    before,
    untold.map(({ run: { input, output }, isOver }) => ({
      input,
      output: isOver ? output : "(you were still at work on it)",
    })),
  );
  return { recap, turns: untold.length };
}

/** Whether a session is a branch whose agent has been asked nothing yet. */
export async function isFreshBranch({ ctx, session }: SessionWriter): Promise<boolean> {
  if (session.branchFromSeq === undefined) return false;
  for (const status of ["running", "completed", "failed", "cancelled"] as const) {
    const run = await ctx.db
      .query("runs")
      .withIndex("by_session_status", (q) => q.eq("sessionId", session._id).eq("status", status))
      .first();
    if (run?.startedSeq !== undefined) return false;
  }
  return true;
}
