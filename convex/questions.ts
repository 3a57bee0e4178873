import { paginationOptsValidator, paginationResultValidator } from "convex/server";
import { type Infer, v } from "convex/values";
import { LIMITS } from "#domain/limits.ts";
import { answersFault } from "#domain/questions.ts";
import type { Doc } from "./_generated/dataModel";
import { orgMutation, orgQuery, refuse, systemMutation } from "./functions.ts";
import { waitForPeople } from "./model/approvals.ts";
import { askedOf, openQuestions, settleQuestion } from "./model/questions.ts";
import { demandParking, goOnParked } from "./model/parking.ts";
import { Names } from "./model/people.ts";
import { SessionWriter } from "./model/session-writer.ts";
import { mayUse, runOf, sessionOf, toSession } from "./model/sessions.ts";
import { question as askedOne, session as sessionValue } from "./model/returns.ts";
import { environment } from "./model/values.ts";

/** What a run's agent asks of a person, oldest first. */
export const pending = orgQuery({
  min: "viewer",
  scope: "sessions:read",
  args: { runId: v.string() },
  returns: v.array(v.object({ key: v.string(), questions: v.array(askedOne), requestedAt: v.number() })),
  handler: async (ctx, { runId }) => {
    const run = await runOf(ctx, ctx.caller, runId);
    const rows = await openQuestions(ctx, run._id);
    return rows.map((row) => ({
      key: row.key,
      questions: askedOf(row),
      requestedAt: Math.floor(row._creationTime),
    }));
  },
});

const listedQuestion = v.object({
  sessionId: v.id("sandboxSessions"),
  sessionTitle: v.string(),
  environment,
  runId: v.id("runs"),
  key: v.string(),
  toolCallId: v.string(),
  questions: v.array(askedOne),
  requestedAt: v.number(),
  expiresAt: v.number(),
  onExpiry: v.union(v.literal("deny"), v.literal("park")),
});

const listed = (
  row: Doc<"questions">,
  { title: sessionTitle, environment }: Doc<"sandboxSessions">,
): Infer<typeof listedQuestion> => ({
  sessionId: row.sessionId,
  sessionTitle,
  environment,
  runId: row.runId,
  key: row.key,
  toolCallId: row.toolCallId,
  questions: askedOf(row),
  requestedAt: Math.floor(row._creationTime),
  expiresAt: row.expiresAt,
  onExpiry: row.onExpiry ?? "deny",
});

/** What the organization's agents ask people now, oldest first. */
export const open = orgQuery({
  min: "viewer",
  scope: "sessions:read",
  args: { paginationOpts: paginationOptsValidator },
  returns: paginationResultValidator(listedQuestion),
  handler: async (ctx, { paginationOpts }) => {
    const { organizationId } = ctx.caller;
    const { page, ...rest } = await ctx.db
      .query("questions")
      .withIndex("by_organization_outcome", (q) =>
        q.eq("organizationId", organizationId).eq("outcome", "pending"),
      )
      .paginate(paginationOpts);
    const found = await Promise.all(
      page.map(async (row) => {
        const session = await ctx.db.get(row.sessionId);
        return session && session.deletedAt === undefined ? [listed(row, session)] : [];
      }),
    );
    return { ...rest, page: found.flat() };
  },
});

/** One of them with its session, or what became of it. */
export const get = orgQuery({
  min: "viewer",
  scope: "sessions:read",
  args: { runId: v.string(), key: v.string() },
  returns: v.object({
    ...listedQuestion.fields,
    session: sessionValue,
    outcome: v.union(v.literal("pending"), v.literal("answered"), v.literal("dismissed")),
    answeredBy: v.string(),
    answeredById: v.nullable(v.id("users")),
  }),
  handler: async (ctx, { runId, key }) => {
    const run = await runOf(ctx, ctx.caller, runId);
    const session = await ctx.db.get(run.sessionId);
    const question = await ctx.db
      .query("questions")
      .withIndex("by_session_key", (q) => q.eq("sessionId", run.sessionId).eq("key", key))
      .unique();
    if (!session || question?.runId !== run._id) throw refuse("question_not_found");
    const { outcome, answeredById: id, answeredBy = "" } = question;
    const names = new Names(ctx);
    return {
      ...listed(question, session),
      session: await toSession(ctx, session, names),
      outcome,
      answeredBy: id ? await names.of(id) : answeredBy,
      answeredById: id ?? null,
    };
  },
});

/**
 * Answers one question, once; null dismisses it. It is named by its key within a run, or within a session.
 * Anyone who may work in the session's environment may answer.
 * @throws not_found | forbidden | already_decided | invalid_request
 */
export const answer = orgMutation({
  min: "member",
  scope: "approvals:write",
  audit: "session-log",
  bounds: { answers: LIMITS.answers },
  args: {
    within: v.union(v.object({ runId: v.string() }), v.object({ sessionId: v.string() })),
    key: v.string(),
    answers: v.union(v.array(v.array(v.string())), v.null()),
  },
  returns: v.object({ sessionId: v.id("sandboxSessions"), provisioning: v.boolean() }),
  handler: async (ctx, { within, key, answers }) => {
    const session =
      "runId" in within
        ? await ctx.db.get((await runOf(ctx, ctx.caller, within.runId)).sessionId)
        : await sessionOf(ctx, ctx.caller, within.sessionId);
    const question =
      session &&
      (await ctx.db
        .query("questions")
        .withIndex("by_session_key", (q) => q.eq("sessionId", session._id).eq("key", key))
        .unique());
    if (!session || !question || ("runId" in within && question.runId !== within.runId))
      throw refuse("question_not_found");
    mayUse(ctx.caller, session.environment);
    if (question.outcome !== "pending") {
      const { answeredById: id, answeredBy = "" } = question;
      const by = id ? await new Names(ctx).of(id) : answeredBy;
      throw refuse("already_decided", { outcome: question.outcome, by });
    }
    const fault = answers && answersFault(askedOf(question), answers);
    if (fault) throw refuse("field_invalid", { fault });
    const writer = await SessionWriter.open(ctx, session);
    const personId = ctx.caller.user._id;
    await settleQuestion(writer, question, answers, { reason: "person", personId });
    await waitForPeople(writer, question.runId);
    await goOnParked(writer, question.runId, personId);
    await writer.save();
    return { sessionId: session._id, provisioning: writer.session.status === "provisioning" };
  },
});

/** Silence dismisses it, or parks the session until a person comes. */
export const expire = systemMutation({
  args: { questionId: v.id("questions") },
  returns: v.null(),
  handler: async (ctx, { questionId }) => {
    const question = await ctx.db.get(questionId);
    if (question?.outcome !== "pending" || question.parkedAt !== undefined) return;
    const writer = await SessionWriter.open(ctx, question.sessionId);
    if (question.onExpiry !== "park" || !demandParking(writer, question.runId))
      await settleQuestion(writer, question, null, { reason: "timeout" });
    await waitForPeople(writer, question.runId);
    await writer.save();
  },
});
