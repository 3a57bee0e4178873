import { isLive, MAX_QUEUED_RUNS } from "#domain/lifecycle.ts";
import { plural } from "#domain/plural.ts";
import type { Doc, Id } from "../_generated/dataModel";
import type { MutationCtx } from "../_generated/server";
import { refusalWords } from "./refusal.ts";
import { settleApproval } from "./approvals.ts";
import { openQuestions, settleQuestion } from "./questions.ts";
import { takeUpTo } from "./paging.ts";
import { resumeSession } from "./resume.ts";
import { leaveSandbox, sessionEnded } from "./runs.ts";
import { SessionWriter } from "./session-writer.ts";

const SOURCE = "studio.approval";
const MAX_ROWS = 100;

/** What waits for a person in a run. */
async function openOf(writer: SessionWriter, runId: Id<"runs">) {
  const approvals = await writer.ctx.db
    .query("approvals")
    .withIndex("by_run_decision", (q) => q.eq("runId", runId).eq("decision", "pending"))
    .take(100);
  return { approvals, questions: await openQuestions(writer.ctx, runId) };
}

/**
 * Has a session parked whose run asked something that nobody answered: a server saves its work first, and then ends it.
 * @returns false where the run does not wait any more, or is parked already: then there is nothing to be parked
 */
export function demandParking(writer: SessionWriter, runId: Id<"runs">): boolean {
  const { status, activeRunId } = writer.session;
  if (status !== "active" || activeRunId !== runId) return false;
  writer.patch({ parking: true, deadlineAt: writer.now });
  return true;
}

/**
 * Parks a session: it stops, and its sandbox goes, while its run and what that asks stay open. It goes on at the answer,
 * or at the next message. The caller has had its work saved, and saves the writer.
 */
export async function parkSession(writer: SessionWriter): Promise<void> {
  const { ctx, session } = writer;
  const run = session.activeRunId && (await ctx.db.get(session.activeRunId));
  if (!run) return;
  const { approvals, questions } = await openOf(writer, run._id);
  const parkedAt = writer.now;
  for (const { _id } of [...approvals, ...questions]) await ctx.db.patch(_id, { parkedAt });
  await ctx.db.patch(run._id, { status: "pending", parkedAt });
  writer.patch({ activeRunId: undefined, parking: undefined });
  await leaveSandbox(writer);
  const waitedMs = writer.now - Math.min(...[...approvals, ...questions].map((one) => one._creationTime));
  const minutes = Math.max(1, Math.round(waitedMs / 60_000));
  const message = `Nobody answered for ${minutes} ${plural(minutes, "minute", "minutes")}, so the session is parked. It goes on at the answer, or at the next message.`;
  await writer.append({ type: "run.parked", source: SOURCE, runId: run._id, payload: { message } });
  if (!(await writer.move("stopped", { waitingFor: "approval" }))) return;
  await sessionEnded(writer, message);
}

/**
 * Has a parked session go on once nothing of its run waits for an answer any more. While its sandbox still goes, that
 * waits until it has gone: see `goOnOnceGone`.
 * @throws what stands in the way of going on: then the answer is not taken, either
 */
export async function goOnParked(
  writer: SessionWriter,
  runId: Id<"runs">,
  personId: Id<"users">,
): Promise<void> {
  if (isLive(writer.session.status) || writer.session.cleanupPending) return;
  const run = await writer.ctx.db.get(runId);
  if (run?.status !== "pending" || run.parkedAt === undefined) return;
  const { approvals, questions } = await openOf(writer, runId);
  if (approvals.length + questions.length > 0) return;
  await resumeSession(writer, personId);
}

/** Who was the last to answer what a parked run asks; null where nobody has, or something still waits. */
async function answeredBy(writer: SessionWriter, run: Doc<"runs">): Promise<Id<"users"> | null> {
  const open = await openOf(writer, run._id);
  if (open.approvals.length + open.questions.length > 0) return null;
  const { db } = writer.ctx;
  const approvals = await takeUpTo(
    db
      .query("approvals")
      .withIndex("by_run_parked", (q) => q.eq("runId", run._id).eq("parkedAt", run.parkedAt)),
    { rows: MAX_ROWS },
  );
  const questions = await takeUpTo(
    db
      .query("questions")
      .withIndex("by_run_parked", (q) => q.eq("runId", run._id).eq("parkedAt", run.parkedAt)),
    { rows: MAX_ROWS },
  );
  const answers = [
    ...approvals.map(({ decidedById, decidedAt = 0 }) => ({ personId: decidedById, at: decidedAt })),
    ...questions.map(({ answeredById, answeredAt = 0 }) => ({ personId: answeredById, at: answeredAt })),
  ];
  return answers.toSorted((a, b) => b.at - a.at).find(({ personId }) => personId)?.personId ?? null;
}

/**
 * The sandbox of a session is gone: one that was parked, and was answered meanwhile, goes on, and so does one that lost it
 * before its agent was sent a message. Where it can't, its log says why, and the next message has it go on.
 */
export async function goOnOnceGone(ctx: MutationCtx, session: Doc<"sandboxSessions">): Promise<void> {
  if (session.status !== "stopped" || session.deletedAt !== undefined) return;
  // Of an organization that is being removed, rows of the session may be gone already.
  const organization = await ctx.db.get(session.organizationId);
  if (!organization || organization.deletedAt !== undefined) return;
  const runs = await takeUpTo(
    ctx.db
      .query("runs")
      .withIndex("by_session_status", (q) => q.eq("sessionId", session._id).eq("status", "pending")),
    { rows: MAX_QUEUED_RUNS + 1 },
  );
  const run = runs.find(({ parkedAt, isCarriedOver }) => parkedAt !== undefined || isCarriedOver);
  // With no run, the message that it was to go on with was taken back meanwhile.
  if (!run && session.waitingFor !== "sandbox") return;
  const writer = await SessionWriter.open(ctx, session);
  if (!run) {
    await writer.wait(null);
    return await writer.save();
  }
  const isParked = run.parkedAt !== undefined;
  const personId = isParked ? await answeredBy(writer, run) : run.userId;
  if (!personId) return;
  try {
    await resumeSession(writer, personId);
  } catch (error) {
    const because = refusalWords(error);
    // Nothing was written before it was refused.
    if (because === undefined) throw error;
    if (!isParked) await writer.wait(null);
    await writer.append({
      type: "message.system",
      source: SOURCE,
      runId: run._id,
      payload: {
        content: `${isParked ? "It was answered, and the" : "The"} session couldn't go on. ${because} Send a message to continue.`,
        level: "warning",
      },
    });
  }
  await writer.save();
}

/** Ends what a deleted session's parked runs still ask. */
export async function closeParked(writer: SessionWriter): Promise<void> {
  const runs = await writer.ctx.db
    .query("runs")
    .withIndex("by_session_status", (q) => q.eq("sessionId", writer.session._id).eq("status", "pending"))
    .take(20);
  for (const { _id, parkedAt } of runs) {
    if (parkedAt === undefined) continue;
    const { approvals, questions } = await openOf(writer, _id);
    for (const one of approvals) await settleApproval(writer, one, "denied", { reason: "run_ended" });
    for (const one of questions) await settleQuestion(writer, one, null, { reason: "run_ended" });
  }
}
