import { describe, expect, test } from "vitest";
import { api, internal } from "#convex/_generated/api.js";
import type { Doc } from "#convex/_generated/dataModel.js";
import { member } from "./support.ts";
import { SMALL_CALL } from "./things.ts";
import { freshSession, sessionId } from "./ready-session.ts";
import { ada, db } from "./world.ts";

freshSession();

const CALL = { provider: "demo", model: "demo", keySource: "direct" as const };
const reserve = async (requestId: string) =>
  await db.service.mutation(api.usage.reserve, {
    sessionId,
    requestId,
    ...SMALL_CALL,
  });
const record = async (requestId: string) =>
  await db.service.mutation(api.usage.record, {
    sessionId,
    requestId,
    ...CALL,
    inputTokens: 100,
    cachedTokens: 40,
    outputTokens: 10,
    costMicroUsd: 7,
  });
const TWO_CALLS = {
  totalInputTokens: 200,
  totalCachedTokens: 80,
  totalOutputTokens: 20,
  totalCostMicroUsd: 14,
  totalCreditsConsumed: 0,
};

const rowOf = async () => await db.t.run(async (ctx) => await ctx.db.get(sessionId));
const totalRows = async () => await db.t.run(async (ctx) => await ctx.db.query("sessionTotals").collect());

/** Puts the totals where they stood before they had a row of their own. */
async function asBefore(totals: Partial<Doc<"sandboxSessions">>) {
  await db.t.run(async (ctx) => {
    for (const row of await ctx.db.query("sessionTotals").collect()) await ctx.db.delete(row._id);
    await ctx.db.patch(sessionId, { ...TWO_CALLS, heldMicroUsd: 0, ...totals });
  });
}

describe("what changes with each model call", () => {
  test("leaves the session's row, which lists read, as it is", async () => {
    await ada.as.mutation(api.runs.start, { sessionId, message: "hi" });
    const before = await rowOf();
    await reserve("r1");
    await record("r1");
    await reserve("r2");
    await db.service.mutation(api.usage.release, { requestId: "r2" });
    expect(await rowOf()).toEqual(before);
  });

  test("is in what the session's readers see", async () => {
    await record("r1");
    await record("r2");
    expect(await ada.as.query(api.sandboxSessions.get, { sessionId })).toMatchObject(TWO_CALLS);
    const paginationOpts = { numItems: 10, cursor: null };
    const { page } = await ada.as.query(api.sessionLists.search, { paginationOpts });
    expect(page[0]).toMatchObject(TWO_CALLS);
    expect(await ada.as.query(api.sessionLists.totals, { sessionIds: [sessionId] })).toEqual([
      { sessionId, totals: TWO_CALLS },
    ]);
    const exported = await ada.as.query(api.exports.page, { table: "sessions", paginationOpts });
    expect(exported.page[0]).toMatchObject(TWO_CALLS);
  });

  test("is not in the live list", async () => {
    const { page } = await ada.as.query(api.sessionLists.live, {
      paginationOpts: { numItems: 10, cursor: null },
    });
    expect(Object.keys(page[0] ?? {}).filter((field) => field.startsWith("total"))).toEqual([]);
    expect(page[0]).toMatchObject({ id: sessionId, status: "ready" });
  });

  test("is counted once for each of two calls that end at the same time", async () => {
    await reserve("r1");
    await reserve("r2");
    await Promise.all([record("r1"), record("r2"), record("r1"), record("r2")]);
    expect(await totalRows()).toMatchObject([{ ...TWO_CALLS, heldMicroUsd: 0 }]);
  });

  test("is nobody else's to read", async () => {
    const eve = await member(db, "eve");
    const sessionIds = [sessionId, "none"];
    expect(await eve.as.query(api.sessionLists.totals, { sessionIds })).toEqual([]);
  });

  test("is asked for a bounded number of sessions at a time", async () => {
    const sessionIds = Array.from({ length: 101 }, () => sessionId);
    await expect(ada.as.query(api.sessionLists.totals, { sessionIds })).rejects.toMatchObject({
      data: { code: "invalid_request" },
    });
  });
});

describe("a session from before its totals stood apart", () => {
  test("is read as it was", async () => {
    await asBefore({});
    expect(await ada.as.query(api.sandboxSessions.get, { sessionId })).toMatchObject(TWO_CALLS);
  });

  test("goes on from there with its next call", async () => {
    await asBefore({ heldMicroUsd: 5 });
    await record("r3");
    expect(await totalRows()).toMatchObject([
      { totalInputTokens: 300, totalCostMicroUsd: 21, heldMicroUsd: 5 },
    ]);
    expect(await rowOf()).not.toHaveProperty("totalCostMicroUsd");
  });

  test("is migrated once", async () => {
    await asBefore({ heldMicroUsd: 5 });
    const fn = "migrations:sessionTotals";
    const migrate = async () => await db.t.mutation(internal.migrations.sessionTotals, { fn, cursor: null });
    await migrate();
    await record("r3");
    await migrate();
    expect(await totalRows()).toMatchObject([
      { totalInputTokens: 300, totalCostMicroUsd: 21, heldMicroUsd: 5 },
    ]);
    expect(await rowOf()).not.toHaveProperty("heldMicroUsd");
  });

  test("keeps its cap", async () => {
    await asBefore({ totalCostMicroUsd: 20_000 });
    await expect(
      ada.as.mutation(api.sandboxSessions.update, { sessionId, budgetCapMicroUsd: 15_000 }),
    ).rejects.toMatchObject({ data: { code: "invalid_request" } });
  });
});
