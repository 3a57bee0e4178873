import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { api } from "#convex/_generated/api.js";
import type { Id } from "#convex/_generated/dataModel.js";
import { type Database, database, member, type Member } from "./support.ts";

const HOUR = 3_600_000;
const DOLLAR = 1_000_000;
const PLAN = { isOn: true, amountCents: 2_000, thresholdCents: 500, monthlyMaxCents: 5_000 };

let db: Database;
let ada: Member;
let sold: number;
const begin = async () => {
  vi.setSystemTime(Date.parse("2026-11-20T10:00:00Z"));
  db = database();
  ada = await member(db, "ada");
  sold = 0;
  const { organizationId } = ada;
  await db.service.mutation(api.purchases.noteCustomer, { organizationId, customerId: "cus_ada" });
};
beforeEach(async () => {
  vi.useFakeTimers({ toFake: ["Date"] });
  await begin();
});
afterEach(() => void vi.useRealTimers());

const later = (ms: number) => vi.setSystemTime(Date.now() + ms);
const set = async (more: Partial<typeof PLAN> = {}, who = ada) =>
  await who.as.mutation(api.topUps.set, { ...PLAN, ...more });
const get = async () => await ada.as.query(api.topUps.get, {});
const due = async () =>
  (await db.service.query(api.due.topUps, { now: Date.now() })).items.map(({ planId }) => planId);
const planId = async (): Promise<Id<"topUpPlans">> =>
  await db.t.run(async (ctx) => (await ctx.db.query("topUpPlans").first())!._id);
const reserve = async (methodId: string | null = "pm_1") =>
  await db.service.mutation(api.topUps.reserve, { planId: await planId(), methodId });
type Result = Parameters<typeof db.service.mutation<typeof api.topUps.finish>>[1]["result"];
const finish = async (key: string, result: Result) =>
  await db.service.mutation(api.topUps.finish, { planId: await planId(), key, result });
const failed = (failure: "declined" | "needs_action") => ({ kind: "failed", failure }) as const;
/** Money comes by that payment, as Stripe's message or a server has it entered. */
const pay = async (paymentId: string, cents: number) => {
  await db.service.mutation(api.purchases.settle, {
    paymentId,
    customerId: "cus_ada",
    revision: 0,
    creditMicroUsd: cents * 10_000,
    chargedCents: cents,
    returnedCents: 0,
    disputedCents: 0,
  });
};
const give = async (amountMicroUsd: number) =>
  await db.service.mutation(api.credits.grant, {
    organizationId: ada.organizationId,
    key: `g${(sold += 1)}`,
    amountMicroUsd,
    description: "test",
  });
/** A sandbox's time, which is the shortest way to spend. */
const spend = async (microUsd: number) => {
  await db.t.run(async (ctx) => {
    const { enter } = await import("../../convex/model/credits.ts");
    const { organizationId } = ada;
    const key = `s${(sold += 1)}`;
    await enter(ctx, { organizationId, key, kind: "sandbox", deltaMicroUsd: -microUsd, description: "t" });
  });
};
const balance = async () => (await ada.as.query(api.credits.balance, {})).balanceMicroUsd;
const turnedOff = async () =>
  (await ada.as.query(api.audit.list, { paginationOpts: { numItems: 50, cursor: null } })).page.filter(
    ({ action }) => action === "top_up.turned_off",
  );

describe("a plan", () => {
  test("SPEC: buys once what is left is at its threshold, and one at a time", async () => {
    await give(10 * DOLLAR);
    await set();
    expect(await due()).toEqual([]);
    await spend(4 * DOLLAR);
    expect(await due()).toEqual([]);
    await spend(DOLLAR);
    expect(await due()).toHaveLength(1);
    const [one, two] = await Promise.all([reserve(), reserve("pm_2")]);
    expect(one).toMatchObject({ cents: 2_000, customerId: "cus_ada", methodId: "pm_1" });
    expect(two, "another server does the same one").toEqual(one);
    expect(await get()).toMatchObject({ isUnderWay: true, monthCents: 2_000 });
    await spend(DOLLAR);
    expect(await due(), "it is looked at again when nobody tells its end").toEqual([]);
    later(60_000);
    expect(await due()).toHaveLength(1);
    await pay("pi_1", 2_000);
    await finish(one!.key, { kind: "paid" });
    await finish(one!.key, failed("declined"));
    expect(await get()).toMatchObject({ isOn: true, isUnderWay: false, monthCents: 2_000, failure: null });
    expect(await balance()).toBe(24 * DOLLAR);
    expect(await due()).toEqual([]);
  });

  test("buys again where the first was not enough, up to the month's most, and goes on in the next", async () => {
    await set();
    for (const _ of ["one", "two"]) await finish((await reserve())!.key, { kind: "paid" });
    expect(await get()).toMatchObject({ monthCents: 4_000 });
    // 20 more would pass 50.
    expect(await due()).toEqual([]);
    expect(await reserve()).toBeNull();
    await spend(1);
    expect(await due()).toEqual([]);
    vi.setSystemTime(Date.parse("2026-12-01T00:00:00Z"));
    await spend(1);
    expect(await due()).toHaveLength(1);
    expect(await reserve()).toMatchObject({ cents: 2_000 });
    expect(await get()).toMatchObject({ monthCents: 2_000 });
  });

  test.each(["declined", "needs_action"] as const)("is turned off where the card is: %s", async (failure) => {
    await set();
    const begun = await reserve();
    await finish(begun!.key, failed(failure));
    expect(await get()).toMatchObject({ isOn: false, failure, monthCents: 0, isUnderWay: false });
    expect(await turnedOff()).toMatchObject([{ actor: { kind: "system" } }]);
    await spend(DOLLAR);
    expect([await due(), await reserve()]).toEqual([[], null]);
    await set();
    expect(await get()).toMatchObject({ isOn: true, failure: null });
    expect((await reserve())?.key).not.toBe(begun!.key);
  });

  test("is turned off without a saved card, and where the end of one is not known for too long", async () => {
    await set();
    expect(await reserve(null)).toBeNull();
    expect(await get()).toMatchObject({ isOn: false, failure: "no_card" });
    await set();
    const begun = await reserve();
    later(19 * HOUR);
    expect(await reserve("pm_9")).toEqual(begun);
    later(2 * HOUR);
    expect(await reserve()).toBeNull();
    // It may have been paid: it counts.
    expect(await get()).toMatchObject({ isOn: false, failure: "unknown", monthCents: 2_000 });
  });

  test("that is turned off while one is under way lets that come to its end", async () => {
    await set();
    const begun = await reserve();
    await set({ isOn: false });
    expect(await get()).toMatchObject({ isOn: false, isUnderWay: true });
    await finish(begun!.key, { kind: "later", paymentId: "pi_1" });
    expect(await reserve()).toEqual({ ...begun, paymentId: "pi_1" });
    await finish(begun!.key, { kind: "paid" });
    expect([await due(), await reserve()]).toEqual([[], null]);
  });

  test("takes no money again that went back to the card", async () => {
    await set({ thresholdCents: 100 });
    await pay("pi_1", 2_000);
    // There was too little when it was turned on; by now there is enough.
    expect(await reserve()).toBeNull();
    await db.service.mutation(api.purchases.settle, {
      paymentId: "pi_1",
      customerId: "cus_ada",
      revision: 1,
      creditMicroUsd: 20 * DOLLAR,
      chargedCents: 2_000,
      returnedCents: 2_000,
      disputedCents: 0,
    });
    expect([await balance(), await due()]).toEqual([0, []]);
  });

  test("is for admins alone, within its bounds, and for who has bought before", async () => {
    const bob = await member(db, "bob", "member", "ada");
    await expect(set({}, bob)).rejects.toMatchObject({ data: { code: "forbidden" } });
    await expect(bob.as.query(api.topUps.get, {})).rejects.toMatchObject({ data: { code: "forbidden" } });
    for (const wrong of [{ amountCents: 499 }, { amountCents: 1e9 }, { thresholdCents: 0.5 }])
      await expect(set(wrong)).rejects.toMatchObject({ data: { code: "invalid_request" } });
    const eve = await member(db, "eve");
    await expect(set({}, eve)).rejects.toMatchObject({ data: { kind: "nothing_bought" } });
    expect(await eve.as.query(api.topUps.get, {})).toBeNull();
  });
});

test("SPEC: whatever crashes, no more is bought in a month than its most, and each payment once", async () => {
  const act = fc.constantFrom("spend", "reserve", "paid", "failed", "later", "on", "off");
  await fc.assert(
    fc.asyncProperty(fc.array(act, { minLength: 1, maxLength: 30 }), async (acts) => {
      await begin();
      await set();
      const charged = new Map<string, number>();
      let open: { key: string; cents: number } | null = null;
      for (const one of acts) {
        if (one === "spend") await spend(15 * DOLLAR);
        if (one === "reserve") {
          const begun = await reserve();
          if (open && begun) expect(begun.key).toBe(open.key);
          open = begun;
          // A server may die before it charges, and after it: the same name is the same payment.
          if (begun) charged.set(begun.key, begun.cents);
        }
        if (one === "paid" && open) {
          await pay(`pi_${open.key}`, open.cents);
          await finish(open.key, { kind: "paid" });
          open = null;
        }
        if (one === "failed" && open) {
          charged.delete(open.key);
          await finish(open.key, failed("declined"));
          open = null;
        }
        if (one === "later" && open) await finish(open.key, { kind: "later", paymentId: "pi" });
        if (one === "on" || one === "off") await set({ isOn: one === "on" });
        later(1_000);
        const total = [...charged.values()].reduce((sum, cents) => sum + cents, 0);
        expect(total).toBeLessThanOrEqual(PLAN.monthlyMaxCents);
        expect((await get())?.monthCents).toBe(total);
      }
    }),
    { numRuns: 20 },
  );
});
