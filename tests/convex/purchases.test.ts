import fc from "fast-check";
import { beforeEach, describe, expect, test } from "vitest";
import { api } from "#convex/_generated/api.js";
import { partsOf, type Payment } from "#domain/purchases.ts";
import { database, type Database, member, type Member } from "./support.ts";

let db: Database;
let ada: Member;

beforeEach(async () => {
  db = database();
  ada = await member(db, "ada");
  await db.service.mutation(api.purchases.noteCustomer, {
    organizationId: ada.organizationId,
    customerId: "cus_ada",
  });
});

const PAGE = { paginationOpts: { numItems: 100, cursor: null } };
const balance = async () => (await ada.as.query(api.credits.balance, {})).balanceMicroUsd;
const ledger = async () => (await ada.as.query(api.credits.ledger, PAGE)).page;
const purchases = async () => (await ada.as.query(api.purchases.list, PAGE)).page;
const revision = async (paymentId = "pi_1") => await db.service.query(api.purchases.revision, { paymentId });

const PAID: Payment = { creditMicroUsd: 10_000_000, chargedCents: 1_190, returnedCents: 0, disputedCents: 0 };
/** What a server does with a payment that it has read after that revision. */
const settle = async (payment: Payment, at?: number, paymentId = "pi_1", customerId = "cus_ada") =>
  await db.service.mutation(api.purchases.settle, {
    paymentId,
    customerId,
    revision: at ?? (await revision(paymentId)),
    ...payment,
  });

describe("a payment", () => {
  test("is entered once, however often its message comes", async () => {
    expect(await settle(PAID)).toBe("settled");
    expect(await settle(PAID)).toBe("settled");
    expect(await balance()).toBe(10_000_000);
    expect(await ledger()).toMatchObject([{ kind: "purchase", deltaMicroUsd: 10_000_000 }]);
    expect(await purchases()).toMatchObject([{ state: "paid", boughtMicroUsd: 10_000_000 }]);
  });

  test("that was read before another change is not written", async () => {
    await settle(PAID);
    const before = await revision();
    await settle({ ...PAID, returnedCents: 1_190 });
    expect(await settle(PAID, before)).toBe("moved");
    expect(await balance()).toBe(0);
  });

  test("of a customer who isn't known gives nobody anything", async () => {
    expect(await settle(PAID, 0, "pi_2", "cus_eve")).toBe("unknown");
    expect(await balance()).toBe(0);
    expect(await purchases()).toEqual([]);
  });

  test("that was refunded with its tax takes the credits back, whole", async () => {
    await settle({ ...PAID, returnedCents: 595 });
    expect(await balance()).toBe(5_000_000);
    await settle({ ...PAID, returnedCents: 1_190 });
    expect(await balance()).toBe(0);
    expect(await purchases()).toMatchObject([{ state: "returned" }]);
  });

  test("whose refund fails, and whose dispute is won, brings its credits back", async () => {
    await settle({ ...PAID, disputedCents: 1_190 });
    expect([await balance(), (await purchases())[0]?.state]).toEqual([0, "disputed"]);
    await settle(PAID);
    await settle({ ...PAID, returnedCents: 1_190 });
    await settle(PAID);
    expect(await balance()).toBe(10_000_000);
    expect((await ledger()).map(({ description }) => description)).toEqual([
      "A refund failed",
      "A payment was refunded",
      "A dispute was won",
      "A payment is disputed with the bank",
      "Credits bought",
    ]);
  });

  test("keeps who an organization is to Stripe as it was first", async () => {
    const again = { organizationId: ada.organizationId, customerId: "cus_other" };
    expect(await db.service.mutation(api.purchases.noteCustomer, again)).toBe("cus_ada");
  });
});

const payment = fc
  .record({ cents: fc.integer({ min: 500, max: 500_000 }), tax: fc.integer({ min: 0, max: 30 }) })
  .map(({ cents, tax }) => ({
    creditMicroUsd: cents * 10_000,
    chargedCents: cents + Math.round((cents * tax) / 100),
  }));
const part = fc.double({ min: 0, max: 1, noNaN: true });

test("whatever is returned and disputed, in whatever order it is read: the balance is what Stripe says", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(
        fc.record({
          of: fc.integer({ min: 0, max: 2 }),
          returned: part,
          disputed: part,
          /** A message of before, that a slow server writes. */
          isLate: fc.boolean(),
        }),
        { maxLength: 12 },
      ),
      fc.tuple(payment, payment, payment),
      async (steps, payments) => {
        const world = database();
        const owner = await member(world, "mia");
        const customerId = "cus_mia";
        await world.service.mutation(api.purchases.noteCustomer, {
          organizationId: owner.organizationId,
          customerId,
        });
        const states = new Map<string, Payment>();
        const write = async (paymentId: string, state: Payment, at: number) =>
          await world.service.mutation(api.purchases.settle, {
            paymentId,
            customerId,
            revision: at,
            ...state,
          });
        for (const { of, returned, disputed, isLate } of steps) {
          const paymentId = `pi_${of}`;
          const base = payments[of]!;
          const before = states.get(paymentId);
          const at = await world.service.query(api.purchases.revision, { paymentId });
          const now = {
            ...base,
            returnedCents: Math.round(base.chargedCents * returned),
            disputedCents: Math.round(base.chargedCents * disputed),
          };
          states.set(paymentId, now);
          await write(paymentId, now, at);
          const moved = at !== (await world.service.query(api.purchases.revision, { paymentId }));
          if (isLate && before && moved) expect(await write(paymentId, before, at)).toBe("moved");
        }
        const { balanceMicroUsd } = await owner.as.query(api.credits.balance, {});
        const { page } = await owner.as.query(api.credits.ledger, PAGE);
        expect(balanceMicroUsd).toBe(page.reduce((sum, { deltaMicroUsd }) => sum + deltaMicroUsd, 0));
        const said = [...states.values()].map((state) => {
          const { boughtMicroUsd, returnedMicroUsd, disputedMicroUsd } = partsOf(state);
          return boughtMicroUsd + returnedMicroUsd + disputedMicroUsd;
        });
        expect(balanceMicroUsd).toBe(said.reduce((sum, one) => sum + one, 0));
        for (const one of said) expect(one).toBeGreaterThanOrEqual(0);
      },
    ),
    { numRuns: 40 },
  );
});

describe("a checkout", () => {
  const begin = async (checkoutId = "cs_1") =>
    await db.service.mutation(api.purchases.begin, {
      actor: ada.actor,
      checkoutId,
      amountMicroUsd: 25_000_000,
    });
  const note = async (state: "open" | "processing" | "paid" | "expired") =>
    await db.service.mutation(api.purchases.noteCheckout, { checkoutId: "cs_1", state, now: Date.now() });
  const state = async (as = ada) => (await as.as.query(api.purchases.checkout, { checkoutId: "cs_1" })).state;

  test("that is paid stays so, whatever comes late", async () => {
    await begin();
    await note("paid");
    await note("open");
    await note("expired");
    expect(await state()).toBe("paid");
  });

  test("is looked at again while nothing was heard of it, later each time", async () => {
    await begin();
    const due = async (now: number) =>
      (await db.service.query(api.due.checkouts, { now })).items.map(({ checkoutId }) => checkoutId);
    expect(await due(Date.now())).toEqual([]);
    expect(await due(Date.now() + 11 * 60_000)).toEqual(["cs_1"]);
    await db.service.mutation(api.purchases.noteCheckout, {
      checkoutId: "cs_1",
      state: "open",
      now: Date.now() + 60 * 60_000,
    });
    expect(await due(Date.now() + 100 * 60_000)).toEqual([]);
    await note("paid");
    expect(await due(Number.MAX_SAFE_INTEGER)).toEqual([]);
  });

  test("of another organization can't be seen", async () => {
    await begin();
    await expect(state(await member(db, "eve"))).rejects.toMatchObject({ data: { code: "not_found" } });
  });
});
