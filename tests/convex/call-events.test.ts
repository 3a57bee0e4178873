import { describe, expect, test } from "vitest";
import { api } from "#convex/_generated/api.js";
import { freshSession, sessionId } from "./ready-session.ts";
import { ada, db } from "./world.ts";

freshSession();

const ESTIMATE = { inputMicroUsd: 10, outputMicroUsdPerMillion: 1_000_000, maxOutputTokens: 1_000 };
const MODEL = { provider: "demo", model: "demo" };
const ASKED = { ...MODEL, inputTokens: 90, wireApi: "openai-chat", messages: 3, tools: 2 };
const ANSWER = { content: "Done.", truncated: false, stopReason: "stop", durationMs: 412.4 };

const reserve = async (requestId: string) =>
  await db.service.mutation(api.usage.reserve, {
    sessionId,
    requestId,
    keySource: "direct",
    ...ESTIMATE,
    asked: ASKED,
  });
const record = async (requestId: string, costMicroUsd = 7, more: object = {}) =>
  await db.service.mutation(api.usage.record, {
    sessionId,
    requestId,
    ...MODEL,
    keySource: "direct",
    inputTokens: 100,
    cachedTokens: 40,
    outputTokens: 10,
    costMicroUsd,
    ...more,
  });
const log = async (...types: string[]) =>
  (await ada.as.query(api.events.list, { sessionId, after: 0, limit: 200, types })).events.map((event) => ({
    ...event,
    payload: JSON.parse(event.payload) as Record<string, unknown>,
  }));

describe("a model call in the log", () => {
  test("begins with its hold, once, and ends with its answer, once", async () => {
    const { runId } = await ada.as.mutation(api.runs.start, { sessionId, message: "hi" });
    await reserve("c1");
    await reserve("c1");
    await record("c1", 7, { answer: ANSWER });
    await record("c1", 7, { answer: ANSWER });
    const [started, completed, used, ...rest] = await log("llm.request.*", "llm.response.*", "usage.*");
    expect(rest).toEqual([]);
    expect(started).toMatchObject({
      type: "llm.request.started",
      runId,
      payload: { request_id: "c1", ...MODEL, input_tokens: 90, messages_count: 3, tools_count: 2 },
    });
    expect(completed).toMatchObject({
      type: "llm.response.completed",
      runId,
      payload: {
        request_id: "c1",
        content: "Done.",
        duration_ms: 412,
        stop_reason: "stop",
        output_tokens: 10,
      },
    });
    expect(used!.payload.request_id).toBe("c1");
  });

  test("a call that may not be made leaves nothing, and one without a whole answer no end", async () => {
    await db.t.run(async (ctx) => await ctx.db.patch(sessionId, { budgetCapMicroUsd: 20 }));
    expect(await reserve("c1")).toMatchObject({ ok: false });
    await record("c2");
    expect(await log("llm.*")).toEqual([]);
  });

  test("an answer is bounded, and a secret of Studio's in it hidden", async () => {
    const content = `gw_studio_${"a1".repeat(21)}b ${"x".repeat(5_000)}`;
    await record("c1", 7, { answer: { ...ANSWER, content, stopReason: "s".repeat(999) } });
    const { payload } = (await log("llm.response.completed"))[0]!;
    expect(payload.truncated).toBe(true);
    expect(String(payload.content).length).toBeLessThanOrEqual(1_000);
    expect(String(payload.content)).toMatch(/^gw_studio_… x/);
    expect(String(payload.stop_reason)).toHaveLength(60);
  });
});

describe("a budget", () => {
  const warnings = async () =>
    (await log("budget.warning")).map(({ payload }) => [payload.scope, payload.threshold_percent]);

  test("is warned of at 50, 80 and 100 %, each once", async () => {
    await db.t.run(async (ctx) => await ctx.db.patch(sessionId, { budgetCapMicroUsd: 1_000 }));
    for (const [index, cost] of [499, 1, 200, 99, 1, 200, 500].entries()) await record(`c${index}`, cost);
    expect(await warnings()).toEqual([
      ["session", 50],
      ["session", 80],
      ["session", 100],
    ]);
    expect((await log("budget.warning"))[0]!.payload).toMatchObject({
      spent_micro_usd: 500,
      limit_micro_usd: 1_000,
    });
  });

  test("of a run is its own", async () => {
    const { runId } = await ada.as.mutation(api.runs.start, { sessionId, message: "hi" });
    await db.t.run(async (ctx) => await ctx.db.patch(runId, { maxCostMicroUsd: 100 }));
    await record("c1", 85);
    await record("c2", 10);
    expect(await warnings()).toEqual([["run", 80]]);
  });
});

test("what Studio tells an agent beside the message is said", async () => {
  await db.t.run(async (ctx) => await ctx.db.patch(sessionId, { recap: "(The end of it, in short: …)\n\n" }));
  const { runId } = await ada.as.mutation(api.runs.start, { sessionId, message: "hi" });
  expect(await log("message.system")).toMatchObject([
    { runId, payload: { content: "(The end of it, in short: …)", level: "info" } },
  ]);
});

test("a model that stands in for another is said", async () => {
  const { id } = await ada.by.mutation(api.sandboxSessions.create, {
    ...MODEL,
    environment: "development",
    keySource: "platform",
    title: "t",
    requestedModel: "gone",
    notice: "gone is not available, so demo is used.",
  });
  const { events } = await ada.as.query(api.events.list, {
    sessionId: id,
    after: 0,
    limit: 9,
    types: ["llm.routed"],
  });
  expect(events.map(({ payload }) => JSON.parse(payload) as unknown)).toEqual([
    {
      chosen_model: "demo",
      reason: "gone is not available, so demo is used.",
      alternatives_considered: ["gone"],
    },
  ]);
});
