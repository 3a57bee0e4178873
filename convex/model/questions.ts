import { z } from "zod";
import { PERSON } from "#domain/event-people.ts";
import type { PayloadOf } from "#domain/events.ts";
import { isLive } from "#domain/lifecycle.ts";
import { maskSecrets } from "#domain/mask.ts";
import { type Asked, askedSchema } from "#domain/questions.ts";
import { internal } from "../_generated/api";
import type { Doc, Id } from "../_generated/dataModel";
import type { QueryCtx } from "../_generated/server";
import { deadlineOf, waitUntil } from "./deadlines.ts";
import { notificationsOver, notify } from "./notifications.ts";
import { needOfQuestion, whoMayAnswer } from "./notified.ts";
import type { SessionWriter } from "./session-writer.ts";

const SOURCE = "studio.question";

/** The questions of a run that wait for an answer. */
export async function openQuestions(ctx: QueryCtx, runId: Id<"runs">): Promise<Doc<"questions">[]> {
  return await ctx.db
    .query("questions")
    .withIndex("by_run_outcome", (q) => q.eq("runId", runId).eq("outcome", "pending"))
    .take(100);
}

/** Stores what the agent asks of a person; without an answer by its deadline it is dismissed, and the agent goes on. */
export async function openQuestion(
  writer: SessionWriter,
  runId: Id<"runs">,
  agentId: string,
  payload: PayloadOf<"question.requested">,
): Promise<void> {
  // Whoever takes a session over hears of a question again, answered or not; the agent's ids are its own for ever.
  const known = await writer.ctx.db
    .query("questions")
    .withIndex("by_session_agent", (q) => q.eq("sessionId", writer.session._id).eq("agentId", agentId))
    .first();
  if (known) return;
  const run = await writer.ctx.db.get(runId);
  const ends = await deadlineOf(writer, run);
  const questionId = await writer.ctx.db.insert("questions", {
    organizationId: writer.session.organizationId,
    sessionId: writer.session._id,
    runId,
    key: payload.question_key,
    agentId,
    toolCallId: payload.tool_call_id,
    asked: parseAsked(maskSecrets(JSON.stringify(payload.questions))),
    expiresAt: ends.at,
    onExpiry: ends.action,
    outcome: "pending",
  });
  await writer.append({
    type: "question.requested",
    source: "agent.question",
    runId,
    payload: { ...payload, expires_at: ends.at, on_expiry: ends.action },
  });
  const { ctx, session, now } = writer;
  const people = await whoMayAnswer(ctx, session, run, { need: needOfQuestion(session), now });
  const text = payload.questions[0]?.question ?? "";
  await notify(ctx, { kind: "question", session, runId, key: payload.question_key, text }, people);
  await writer.ctx.scheduler.runAt(ends.at, internal.questions.expire, { questionId });
  await waitUntil(writer, ends.at);
}

/** What JSON text asks. @throws ZodError where it is not of that form */
function parseAsked(text: string): Asked[] {
  return z.array(askedSchema).parse(JSON.parse(text));
}

/** What a stored question asks. */
export function askedOf({ asked, questions = "[]" }: Doc<"questions">): Asked[] {
  return asked ?? parseAsked(questions);
}

/** What gives a question from before `asked` its new form; nothing where it has it. */
export function withAsked(question: Doc<"questions">): Partial<Doc<"questions">> {
  return question.asked ? {} : { asked: askedOf(question), questions: undefined };
}

/** Writes an answer down (null dismisses), and queues it for the agent. The caller has checked that it is still open. */
export async function settleQuestion(
  writer: SessionWriter,
  question: Doc<"questions">,
  answers: string[][] | null,
  by: { reason: PayloadOf<"question.answered">["reason"]; personId?: Id<"users"> },
): Promise<void> {
  const outcome = answers === null ? "dismissed" : "answered";
  await writer.ctx.db.patch(question._id, {
    outcome,
    answeredAt: writer.now,
    ...(by.personId && { answeredById: by.personId }),
    ...(question.parkedAt !== undefined && answers && { answers }),
  });
  const { runId, key } = question;
  await notificationsOver(writer.ctx, { runId, kind: "question", key }, writer.now);
  await writer.append(
    {
      type: "question.answered",
      source: SOURCE,
      runId: question.runId,
      payload: {
        question_key: question.key,
        tool_call_id: question.toolCallId,
        outcome,
        answers: answers ?? [],
        reason: by.reason,
        ...(by.personId && { answered_by: PERSON }),
      },
    },
    { personId: by.personId },
  );
  // The asker is gone.
  if (by.reason !== "run_ended" && by.reason !== "agent_restarted" && isLive(writer.session.status))
    await writer.ctx.db.insert("sessionCommands", {
      organizationId: question.organizationId,
      sessionId: question.sessionId,
      status: "queued",
      command: { kind: "answer", agentId: question.agentId, answers },
    });
}

/** Ends what is still asked when its run has ended, or the agent that asked. */
export async function closeQuestions(
  writer: SessionWriter,
  runId: Id<"runs">,
  reason: "run_ended" | "agent_restarted",
): Promise<void> {
  for (const question of await openQuestions(writer.ctx, runId))
    await settleQuestion(writer, question, null, { reason });
}
