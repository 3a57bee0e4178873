import { Masker } from "#domain/mask.ts";
import { expect, test } from "vitest";
import { api, internal } from "#convex/_generated/api.js";
import { questionEvent, type WaitingQuestion } from "#server/agent/questions.ts";
import { database, member, readySession } from "./support.ts";

/** As the agent's own server lists it, with texts as long as a model may write them. */
const LONG: WaitingQuestion = {
  id: "que_1",
  questions: Array.from({ length: 12 }, (_, number) => ({
    question: `${number} ${"why? ".repeat(2_000)}`,
    header: "",
    options: Array.from({ length: 30 }, (__, option) => ({
      label: `option ${option}`,
      description: "because ".repeat(200),
    })),
    multiple: false,
    custom: true,
  })),
};

test("a question of any length can be asked, read and answered", async () => {
  const db = database();
  const ada = await member(db, "ada");
  const { sessionId, generation } = await readySession(db, ada);
  const { runId } = await ada.as.mutation(api.runs.start, { sessionId, message: "hi" });
  const context = { provider: "p", model: "m", now: Date.now(), masker: new Masker(), approvalMs: 600_000 };
  const { payload, ...event } = questionEvent(LONG, { ...context, newKey: (kind) => `${kind}_1` });
  await db.service.mutation(api.events.append, {
    sessionId,
    generation,
    batch: 1,
    events: [{ ...event, runId, payload: JSON.stringify(payload) }],
  });
  const [asked] = await ada.as.query(api.questions.pending, { runId });
  expect(asked?.key).toBe("que_1");
  expect(asked?.questions).toHaveLength(10);
  const [first] = asked?.questions ?? [];
  expect(first?.options.map(({ label }) => label)).toEqual(
    Array.from({ length: 20 }, (_, option) => `option ${option}`),
  );
  const answers = [["option 19"], ...Array.from({ length: 9 }, () => [])];
  await ada.as.mutation(api.questions.answer, { within: { runId }, key: "que_1", answers });
  expect(await ada.as.query(api.questions.pending, { runId })).toEqual([]);
});

test("a question from before it had a validator is read, and changed to its new form once", async () => {
  const db = database();
  const ada = await member(db, "ada");
  const { sessionId } = await readySession(db, ada);
  const { runId } = await ada.as.mutation(api.runs.start, { sessionId, message: "hi" });
  const asked = [{ question: "Why?", header: "why", options: [], multiple: false, custom: true }];
  const id = await db.t.run(
    async (ctx) =>
      await ctx.db.insert("questions", {
        organizationId: ada.organizationId,
        sessionId,
        runId,
        key: "q",
        agentId: "a",
        toolCallId: "t",
        questions: JSON.stringify(asked),
        expiresAt: Date.now() + 60_000,
        outcome: "pending",
      }),
  );
  expect(await ada.as.query(api.questions.pending, { runId })).toMatchObject([{ questions: asked }]);
  const fn = "migrations:questionsAsked";
  const migrate = async () => await db.t.mutation(internal.migrations.questionsAsked, { fn, cursor: null });
  await migrate();
  await migrate();
  const row = await db.t.run(async (ctx) => await ctx.db.get(id));
  expect(row).toMatchObject({ asked });
  expect(row).not.toHaveProperty("questions");
  expect(await ada.as.query(api.questions.pending, { runId })).toMatchObject([{ questions: asked }]);
});
