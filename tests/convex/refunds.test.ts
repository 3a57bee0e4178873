import { beforeEach, expect, test } from "vitest";
import { api } from "#convex/_generated/api.js";
import type { Id } from "#convex/_generated/dataModel.js";
import { REFUNDS } from "#domain/refunds.ts";
import { readySession } from "./support.ts";
import { USED } from "./things.ts";
import { ada, db, freshWorld } from "./world.ts";

freshWorld();

const DOLLAR = 1_000_000;
let sessionId: Id<"sandboxSessions">;
let generation: number;
let runId: Id<"runs">;

async function begin() {
  ({ sessionId, generation } = await readySession(db, ada));
  ({ runId } = await ada.as.mutation(api.runs.start, { sessionId, message: "work" }));
}
beforeEach(async () => {
  const { organizationId } = ada;
  const grant = { organizationId, key: "first", amountMicroUsd: DOLLAR, description: "Welcome" };
  await db.service.mutation(api.credits.grant, grant);
  await begin();
});

const reserve = async (requestId: string) =>
  await db.service.mutation(api.usage.reserve, {
    sessionId,
    requestId,
    keySource: "platform",
    inputMicroUsd: 1_000,
    outputMicroUsdPerMillion: 1_000_000,
    maxOutputTokens: 2_000,
  });
const record = async (
  requestId: string,
  costMicroUsd: number,
  keySource: "platform" | "direct" = "platform",
) =>
  await db.service.mutation(api.usage.record, {
    sessionId,
    requestId,
    ...USED,
    keySource,
    costMicroUsd,
  });
const charge = async (requestId: string, cost: number) => {
  await reserve(requestId);
  await record(requestId, cost);
};
const fail = async (errorKind = "sandbox_lost") =>
  await db.service.mutation(api.sandboxSessions.fail, { sessionId, generation, error: "Lost.", errorKind });
const ledger = async () =>
  (await ada.as.query(api.credits.ledger, { paginationOpts: { numItems: 100, cursor: null } })).page;
const refunds = async () =>
  (await ledger()).filter(({ kind }) => kind === "refund").map(({ deltaMicroUsd }) => deltaMicroUsd);
const balance = async () => (await ada.as.query(api.credits.balance, {})).balanceMicroUsd;
const returned = async () =>
  (await ada.as.query(api.events.list, { sessionId, after: 0, limit: 500 })).events
    .filter(({ type }) => type === "credits.returned")
    .map(({ payload, runId: of }) => [
      of,
      (JSON.parse(payload) as Record<string, unknown>)["amount_micro_usd"],
    ]);

test("a run whose sandbox was lost gets its charges back, once, and says so", async () => {
  await charge("a", 30_000);
  await charge("b", 12_345);
  expect(await balance()).toBe(DOLLAR - 42_345);
  await fail();
  await fail();
  expect(await refunds()).toEqual([42_345]);
  expect(await balance()).toBe(DOLLAR);
  expect(await returned()).toEqual([[runId, 42_345]]);
  // The report of usage says so beside what was charged; what was given back before its first day isn't in it.
  const day = new Date().toISOString().slice(0, 10);
  const report = async (from: string) => await ada.as.query(api.usageReports.refunds, { from });
  expect(await report("2020-01-01")).toEqual([{ day, refunds: 1, amountMicroUsd: 42_345 }]);
  expect(await report("2999-01-01")).toEqual([]);
  expect((await ledger())[0]).toMatchObject({ sessionId, description: expect.stringMatching(/on our side/) });
  expect(await ada.as.query(api.runs.get, { runId })).toMatchObject({
    totalCostMicroUsd: 42_345,
    refundedMicroUsd: 42_345,
  });
  // What was used stays known; what was paid for it is nothing.
  expect(await ada.as.query(api.sandboxSessions.get, { sessionId })).toMatchObject({
    totalCostMicroUsd: 42_345,
    totalCreditsConsumed: 0,
  });
});

test("a call that was under way is given back as it is charged, and one of before is not", async () => {
  await charge("a", 1_000);
  await reserve("late");
  await fail();
  expect(await balance()).toBe(DOLLAR);
  await record("late", 5_000);
  await record("late", 5_000);
  expect(await refunds()).toEqual([5_000, 1_000]);
  expect(await balance()).toBe(DOLLAR);
  // One that nobody had held then is no call of that run. Within the run's last millisecond it could be one.
  const recordedAt = Date.now();
  while (Date.now() === recordedAt) await Promise.resolve();
  await record("stray", 700);
  expect(await balance()).toBe(DOLLAR - 700);
});

test.each([
  "agent_error",
  "no_answer",
  "timeout",
  "agent_exited",
  "agent_silent",
  "violation",
  "provisioning",
])("of a run that ended as %s nothing is given back", async (errorKind) => {
  await charge("a", 1_000);
  await fail(errorKind);
  expect(await refunds()).toEqual([]);
  expect(await balance()).toBe(DOLLAR - 1_000);
});

test("what a person stops, or pays for with their own key, is not given back", async () => {
  await reserve("a");
  await record("a", 1_000, "direct");
  await fail();
  expect(await refunds()).toEqual([]);
  await begin();
  await charge("b", 1_000);
  await ada.as.mutation(api.sandboxSessions.stop, { sessionId });
  await fail();
  expect(await refunds()).toEqual([]);
});

test("a run that the next one follows in the same session is not given back with it", async () => {
  await charge("a", 1_000);
  await db.service.mutation(api.events.append, {
    sessionId,
    generation,
    batch: 1,
    cursor: 1,
    events: [],
    runEnd: { runId, ending: { status: "completed", output: "done", stopReason: "end_turn" } },
  });
  await ada.as.mutation(api.runs.start, { sessionId, message: "more" });
  await charge("b", 2_000);
  await fail();
  expect(await refunds()).toEqual([2_000]);
});

test("so many a day are given back without anybody's look, and no more", async () => {
  await db.t.run(async (ctx) => {
    for (let count = 0; count < REFUNDS.runs; count += 1)
      await ctx.db.insert("ledgerEntries", {
        organizationId: ada.organizationId,
        key: `refund:${count}`,
        kind: "refund",
        deltaMicroUsd: 1,
        balanceAfterMicroUsd: 1,
        description: "",
      });
  });
  await charge("a", 1_000);
  await fail();
  expect(await balance()).toBe(DOLLAR - 1_000);
});

test("so much a day is given back without anybody's look, and no more", async () => {
  await db.t.run(
    async (ctx) =>
      await ctx.db.insert("ledgerEntries", {
        organizationId: ada.organizationId,
        key: "refund:much",
        kind: "refund",
        deltaMicroUsd: REFUNDS.amountMicroUsd - 999,
        balanceAfterMicroUsd: 1,
        description: "",
      }),
  );
  await charge("a", 1_000);
  await fail();
  expect(await balance()).toBe(DOLLAR - 1_000);
});
