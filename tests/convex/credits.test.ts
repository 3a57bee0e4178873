import fc from "fast-check";
import { beforeEach, describe, expect, test } from "vitest";
import { api } from "#convex/_generated/api.js";
import type { Id } from "#convex/_generated/dataModel.js";
import { grant, database, type Database, member, type Member, readySession } from "./support.ts";
import { USED } from "./things.ts";

let db: Database;
let ada: Member;
let sessionId: Id<"sandboxSessions">;

beforeEach(async () => {
  keySource = "platform";
  db = database();
  ada = await member(db, "ada");
  ({ sessionId } = await readySession(db, ada));
});

const DOLLAR = 1_000_000;
const give = async (amountMicroUsd: number, key?: string) => await grant(db, ada, amountMicroUsd, key);
const balance = async () => await ada.as.query(api.credits.balance, {});
const ledger = async () =>
  (await ada.as.query(api.credits.ledger, { paginationOpts: { numItems: 100, cursor: null } })).page;
/** A call that costs at most 1 cent of input and $10 for a million tokens of output. */
let keySource: "platform" | "direct" = "platform";
const reserve = async (requestId: string, maxOutputTokens = 4_000) =>
  await db.service.mutation(api.usage.reserve, {
    sessionId,
    requestId,
    keySource,
    inputMicroUsd: 10_000,
    outputMicroUsdPerMillion: 10 * DOLLAR,
    maxOutputTokens,
  });
const record = async (requestId: string, costMicroUsd: number) =>
  await db.service.mutation(api.usage.record, {
    sessionId,
    requestId,
    ...USED,
    keySource,
    costMicroUsd,
  });

describe("reserving", () => {
  test("holds what a call may cost, and no more than there is", async () => {
    await give(DOLLAR);
    expect(await reserve("a")).toEqual({ ok: true, amountMicroUsd: 50_000, maxOutputTokens: 4_000 });
    expect(await balance()).toMatchObject({ balanceMicroUsd: DOLLAR, heldMicroUsd: 50_000 });
    expect(await reserve("a")).toMatchObject({ ok: true, amountMicroUsd: 50_000 });
    expect((await balance()).heldMicroUsd).toBe(50_000);
  });

  test("clamps the output to what the balance affords, down to 1,024 tokens", async () => {
    await give(30_000);
    expect(await reserve("a")).toEqual({ ok: true, amountMicroUsd: 30_000, maxOutputTokens: 2_000 });
    await db.service.mutation(api.usage.release, { requestId: "a" });
    await record("x", 10_000);
    expect(await reserve("b")).toEqual({ ok: false, reason: "no_credit" });
    expect((await ada.as.query(api.sandboxSessions.get, { sessionId })).waitingFor).toBe("credits");
  });

  test("without credits nothing is held", async () => {
    expect(await reserve("a")).toEqual({ ok: false, reason: "no_credit" });
    expect(await balance()).toEqual({ balanceMicroUsd: 0, heldMicroUsd: 0, spentMicroUsd: 0 });
  });

  test("a session's cap counts what it spent and what it holds", async () => {
    await give(DOLLAR);
    await db.t.run(async (ctx) => await ctx.db.patch(sessionId, { budgetCapMicroUsd: 60_000 }));
    expect(await reserve("a")).toMatchObject({ ok: true, amountMicroUsd: 50_000 });
    expect(await reserve("b")).toEqual({ ok: false, reason: "session_cap" });
    expect((await ada.as.query(api.sandboxSessions.get, { sessionId })).waitingFor).toBe("budget");
    await record("a", 20_000);
    expect(await reserve("b")).toMatchObject({ ok: true, maxOutputTokens: 3_000 });
    expect((await ada.as.query(api.sandboxSessions.get, { sessionId })).waitingFor).toBeNull();
  });

  test("with the organization's own key no credits are needed or taken", async () => {
    keySource = "direct";
    expect(await reserve("a")).toMatchObject({ ok: true });
    await record("a", 20_000);
    expect(await ledger()).toEqual([]);
    expect(await ada.as.query(api.sandboxSessions.get, { sessionId })).toMatchObject({
      totalCostMicroUsd: 20_000,
      totalCreditsConsumed: 0,
    });
  });
});

describe("settling", () => {
  test("takes the real cost, once, however often and in whatever order it is reported", async () => {
    await give(DOLLAR);
    await reserve("a");
    await record("a", 12_345);
    await record("a", 12_345);
    await db.service.mutation(api.usage.release, { requestId: "a" });
    expect(await balance()).toEqual({
      balanceMicroUsd: DOLLAR - 12_345,
      heldMicroUsd: 0,
      spentMicroUsd: 12_345,
    });
    expect((await ada.as.query(api.sandboxSessions.get, { sessionId })).totalCreditsConsumed).toBe(12_345);
  });

  test("charges a call whose hold had lapsed", async () => {
    await give(DOLLAR);
    await reserve("a");
    await db.service.mutation(api.usage.release, { requestId: "a" });
    await record("a", 7);
    expect(await balance()).toEqual({ balanceMicroUsd: DOLLAR - 7, heldMicroUsd: 0, spentMicroUsd: 7 });
  });

  test("may go slightly below zero, and blocks then", async () => {
    await give(30_000);
    await reserve("a");
    await record("a", 31_000);
    expect((await balance()).balanceMicroUsd).toBe(-1_000);
    expect(await reserve("b")).toEqual({ ok: false, reason: "no_credit" });
  });

  test("the end of a session lets its holds go", async () => {
    await give(DOLLAR);
    await reserve("a");
    await ada.as.mutation(api.sandboxSessions.stop, { sessionId });
    expect((await balance()).heldMicroUsd).toBe(0);
    expect((await db.service.query(api.due.holds, { now: Date.now() + 1e9 })).items).toEqual([]);
  });

  test("a grant is given once for each key", async () => {
    expect(await give(5)).toBe(true);
    expect(await give(5)).toBe(false);
    expect((await balance()).balanceMicroUsd).toBe(5);
  });
});

test("whatever happens, entries add up to the balance and open holds to what is held", async () => {
  const id = fc.nat(6).map((n) => `r${n}`);
  const step = fc.oneof(
    fc.record({ do: fc.constant("reserve" as const), id, output: fc.integer({ min: 1, max: 60_000 }) }),
    fc.record({ do: fc.constant("record" as const), id, cost: fc.nat(400_000) }),
    fc.record({ do: fc.constant("release" as const), id }),
    fc.record({ do: fc.constant("grant" as const), id, amount: fc.integer({ min: 1, max: DOLLAR }) }),
  );
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 25 }), async (steps) => {
      db = database();
      ada = await member(db, "ada");
      ({ sessionId } = await readySession(db, ada));
      for (const action of steps) {
        const before = await balance();
        if (action.do === "reserve") {
          const answer = await reserve(action.id, action.output);
          const after = await balance();
          if (answer.ok && after.heldMicroUsd > before.heldMicroUsd)
            expect(after.balanceMicroUsd - after.heldMicroUsd).toBeGreaterThanOrEqual(0);
        } else if (action.do === "record") await record(action.id, action.cost);
        else if (action.do === "release")
          await db.service.mutation(api.usage.release, { requestId: action.id });
        else await give(action.amount, action.id);
      }
      const entries = await ledger();
      const { balanceMicroUsd, heldMicroUsd } = await balance();
      expect(entries.reduce((sum, entry) => sum + entry.deltaMicroUsd, 0)).toBe(balanceMicroUsd);
      const open = await db.t.run(async (ctx) => await ctx.db.query("creditHolds").collect());
      const held = open
        .filter((row) => row.status === "open")
        .reduce((sum, row) => sum + row.amountMicroUsd, 0);
      expect(held).toBe(heldMicroUsd);
      const session = await ada.as.query(api.sandboxSessions.get, { sessionId });
      const charged = entries.filter((entry) => entry.kind === "charge");
      expect(charged.reduce((sum, entry) => sum - entry.deltaMicroUsd, 0)).toBe(session.totalCreditsConsumed);
    }),
    { numRuns: 30 },
  );
});
