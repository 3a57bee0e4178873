import { expect, test } from "vitest";
import { api } from "#convex/_generated/api.js";
import { grant, member, readySession } from "./support.ts";
import { ada, db, freshWorld } from "./world.ts";

freshWorld();

const DOLLAR = 1_000_000;
const CALL = {
  purpose: "chat",
  keySource: "platform",
  inputMicroUsd: 10_000,
  maxInputMicroUsd: 10_000,
  outputMicroUsdPerMillion: 10 * DOLLAR,
  maxOutputTokens: 4_000,
} as const;
const give = async (amountMicroUsd: number) => await grant(db, ada, amountMicroUsd);
const balance = async () => await ada.as.query(api.credits.balance, {});
const record = async (requestId: string, costMicroUsd: number, more: object = {}) =>
  await db.service.mutation(api.usage.record, {
    by: { organizationId: ada.organizationId, userId: ada.userId, purpose: "chat" },
    requestId,
    provider: "demo",
    model: "demo",
    keySource: "platform",
    inputTokens: 5,
    cachedTokens: 0,
    outputTokens: 7,
    costMicroUsd,
    ...more,
  });
const usage = async () =>
  await ada.as.query(api.usageReports.page, {
    from: "2020-01-01",
    paginationOpts: { numItems: 20, cursor: null },
    by: "member",
  });

test("a person's call is held, charged once, and is theirs in the report", async () => {
  await give(DOLLAR);
  const reserved = await ada.by.mutation(api.completions.reserve, { ...CALL, requestId: "a" });
  expect(reserved).toEqual({ ok: true, amountMicroUsd: 50_000, maxOutputTokens: 4_000 });
  expect(await balance()).toMatchObject({ balanceMicroUsd: DOLLAR, heldMicroUsd: 50_000 });
  // The answer was lost, and it is asked again.
  expect(await ada.by.mutation(api.completions.reserve, { ...CALL, requestId: "a" })).toEqual(reserved);
  await record("a", 20_000);
  await record("a", 20_000);
  expect(await balance()).toMatchObject({ balanceMicroUsd: DOLLAR - 20_000, heldMicroUsd: 0 });
  expect((await usage()).groups).toMatchObject([{ userId: ada.userId, calls: 1, costMicroUsd: 20_000 }]);
  const rows = await db.t.run(async (ctx) => await ctx.db.query("usageRecords").collect());
  expect(rows).toMatchObject([{ userId: ada.userId, purpose: "chat", requestId: "a" }]);
  expect(rows[0]?.sessionId).toBeUndefined();
});

test("what nobody has held is charged all the same, and what came to nothing is let go", async () => {
  await give(DOLLAR);
  await record("late", 1_000);
  expect((await balance()).balanceMicroUsd).toBe(DOLLAR - 1_000);
  await ada.by.mutation(api.completions.reserve, { ...CALL, requestId: "b" });
  await db.service.mutation(api.usage.release, { requestId: "b" });
  await db.service.mutation(api.usage.release, { requestId: "b" });
  expect((await balance()).heldMicroUsd).toBe(0);
});

test("credits, others' holds and one's own limit bound it; with an own key the limit alone", async () => {
  expect(await ada.by.mutation(api.completions.reserve, { ...CALL, requestId: "none" })).toEqual({
    ok: false,
    reason: "no_credit",
  });
  await give(60_000);
  await ada.by.mutation(api.completions.reserve, { ...CALL, requestId: "one" });
  expect(await ada.by.mutation(api.completions.reserve, { ...CALL, requestId: "two" })).toMatchObject({
    ok: false,
  });
  const own = { ...CALL, keySource: "direct", requestId: "own" } as const;
  expect(await ada.by.mutation(api.completions.reserve, { ...own, capMicroUsd: 15_000 })).toEqual({
    ok: false,
    reason: "session_cap",
  });
  expect(await ada.by.mutation(api.completions.reserve, { ...own, capMicroUsd: 30_000 })).toEqual({
    ok: true,
    amountMicroUsd: 30_000,
    maxOutputTokens: 2_000,
  });
  expect((await balance()).heldMicroUsd).toBe(50_000);
});

test("in a session it counts against that one's cap, and is in its log, beside its runs", async () => {
  await give(DOLLAR);
  const { sessionId } = await readySession(db, ada);
  await db.t.run(async (ctx) => await ctx.db.patch(sessionId, { budgetCapMicroUsd: 40_000 }));
  const { runId } = await ada.as.mutation(api.runs.start, { sessionId, message: "hi" });
  const asked = { ...CALL, purpose: "commit_message", sessionId } as const;
  expect(await ada.by.mutation(api.completions.reserve, { ...asked, requestId: "c" })).toMatchObject({
    ok: true,
    maxOutputTokens: 3_000,
  });
  expect((await ada.as.query(api.sandboxSessions.get, { sessionId })).waitingFor).toBeNull();
  await record("c", 30_000, { sessionId });
  expect(await ada.as.query(api.sandboxSessions.get, { sessionId })).toMatchObject({
    totalCostMicroUsd: 30_000,
    totalInputTokens: 5,
  });
  expect(await ada.as.query(api.runs.get, { runId })).toMatchObject({ totalCostMicroUsd: 0 });
  // Too little is left: nobody waits for that, and the session goes on.
  expect(await ada.by.mutation(api.completions.reserve, { ...asked, requestId: "d" })).toEqual({
    ok: false,
    reason: "session_cap",
  });
  expect((await ada.as.query(api.sandboxSessions.get, { sessionId })).waitingFor).toBeNull();
});

test("only who drives a session may have a call made in it", async () => {
  const { sessionId } = await readySession(db, ada);
  const mia = await member(db, "mia", "member", "ada");
  const eve = await member(db, "eve");
  const asked = { ...CALL, sessionId, requestId: "x" };
  await expect(mia.by.mutation(api.completions.reserve, asked)).rejects.toMatchObject({
    data: { code: "forbidden" },
  });
  await expect(eve.by.mutation(api.completions.reserve, asked)).rejects.toMatchObject({
    data: { code: "not_found" },
  });
});
