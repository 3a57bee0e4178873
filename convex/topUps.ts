import { v } from "convex/values";
import { boughtIn, TOP_UP_CENTS, TOP_UP_FAILURES, topUpDue } from "#domain/top-up.ts";
import { monthOf } from "#domain/usage-report.ts";
import type { Doc } from "./_generated/dataModel";
import type { QueryCtx } from "./_generated/server";
import { orgMutation, orgQuery, refuse, serviceMutation, serviceQuery } from "./functions.ts";
import { accountOf } from "./model/credits.ts";
import { customerOf } from "./model/purchases.ts";
import { demandTopUp, planOf, turnOff } from "./model/top-up.ts";
import { literals } from "./model/zod-validator.ts";

/** How soon a top-up is looked at again whose end nobody has told. */
const AGAIN_MS = 60_000;
/** Stripe does what has the same name once, for a day: what is older than this is not tried again. */
const KNOWN_MS = 20 * 3_600_000;

const availableTo = async (ctx: QueryCtx, { organizationId }: Pick<Doc<"topUpPlans">, "organizationId">) => {
  const account = await accountOf(ctx, organizationId);
  return (account?.balanceMicroUsd ?? 0) - (account?.heldMicroUsd ?? 0);
};

const cents = {
  amountCents: v.number(),
  thresholdCents: v.number(),
  monthlyMaxCents: v.number(),
};

/** What the organization has set, and how it stands; null where it never set anything. */
export const get = orgQuery({
  min: "admin",
  scope: "billing:read",
  args: {},
  returns: v.nullable(
    v.object({
      isOn: v.boolean(),
      ...cents,
      /** What was topped up this month (UTC), or is under way. */
      monthCents: v.number(),
      isUnderWay: v.boolean(),
      failure: v.nullable(literals(TOP_UP_FAILURES)),
    }),
  ),
  handler: async (ctx) => {
    const plan = await planOf(ctx, ctx.caller.organizationId);
    if (!plan) return null;
    const { isOn, amountCents, thresholdCents, monthlyMaxCents, failure = null } = plan;
    return {
      isOn,
      amountCents,
      thresholdCents,
      monthlyMaxCents,
      monthCents: boughtIn(plan, monthOf(Date.now())),
      isUnderWay: plan.attempt !== undefined,
      failure,
    };
  },
});

/**
 * Sets when credits are bought by themselves, and for how much. One that is under way comes to its end.
 * @throws nothing_bought where it is turned on and no card can be there
 */
export const set = orgMutation({
  min: "admin",
  scope: "billing:write",
  audit: "entry",
  bounds: {
    amountCents: { kind: "whole", ...TOP_UP_CENTS.amount },
    thresholdCents: { kind: "whole", ...TOP_UP_CENTS.threshold },
    monthlyMaxCents: { kind: "whole", ...TOP_UP_CENTS.monthly },
  },
  args: { isOn: v.boolean(), ...cents },
  returns: v.null(),
  handler: async (ctx, wanted) => {
    const { organizationId } = ctx.caller;
    if (wanted.isOn && (await customerOf(ctx, organizationId)) === null) throw refuse("nothing_bought");
    const before = await planOf(ctx, organizationId);
    if (before) await ctx.db.patch(before._id, { ...wanted, failure: undefined });
    else
      await ctx.db.insert("topUpPlans", {
        organizationId,
        ...wanted,
        month: monthOf(Date.now()),
        monthCents: 0,
        attempts: 0,
      });
    // A month's most may be another one by now.
    if (before && before.attempt === undefined) await ctx.db.patch(before._id, { dueAt: undefined });
    await demandTopUp(ctx, organizationId, await availableTo(ctx, { organizationId }));
    const { isOn, amountCents, thresholdCents, monthlyMaxCents } = before ?? {};
    await ctx.report({
      action: "top_up.changed",
      before: before ? { isOn, amountCents, thresholdCents, monthlyMaxCents } : null,
      after: wanted,
    });
  },
});

const attempt = v.object({
  key: v.string(),
  cents: v.number(),
  customerId: v.string(),
  methodId: v.string(),
  paymentId: v.nullable(v.string()),
});
const attemptOf = ({
  key,
  cents: of,
  customerId,
  methodId,
  paymentId,
}: NonNullable<Doc<"topUpPlans">["attempt"]>) => ({
  key,
  cents: of,
  customerId,
  methodId,
  paymentId: paymentId ?? null,
});

/** Who buys, for the server that looks for their card; null where the plan or its customer is gone. */
export const customer = serviceQuery({
  args: { planId: v.id("topUpPlans") },
  returns: v.nullable(v.string()),
  handler: async (ctx, { planId }) => {
    const plan = await ctx.db.get(planId);
    return plan && (await customerOf(ctx, plan.organizationId));
  },
});

/**
 * Begins a top-up that is due, within the month's most, or hands the one that is under way to this server.
 * @param args `methodId`: the card that is charged; null where there is none
 * @returns null where there is nothing to do
 */
export const reserve = serviceMutation({
  args: { planId: v.id("topUpPlans"), methodId: v.nullable(v.string()) },
  returns: v.nullable(attempt),
  handler: async (ctx, { planId, methodId }) => {
    const plan = await ctx.db.get(planId);
    if (!plan) return null;
    const now = Date.now();
    if (plan.attempt) {
      if (now - plan.attempt.at > KNOWN_MS) {
        await ctx.db.patch(planId, { attempt: undefined });
        await turnOff(ctx, plan, "unknown");
        return null;
      }
      await ctx.db.patch(planId, { dueAt: now + AGAIN_MS });
      return attemptOf(plan.attempt);
    }
    const month = monthOf(now);
    const due = topUpDue(plan, await availableTo(ctx, plan), month);
    if (due !== "buy") {
      await ctx.db.patch(planId, { dueAt: undefined });
      return null;
    }
    const customerId = await customerOf(ctx, plan.organizationId);
    if (customerId === null || methodId === null) {
      await turnOff(ctx, plan, "no_card");
      return null;
    }
    const attempts = plan.attempts + 1;
    const key = `studio:topup:${planId}:${attempts}`;
    const begun = { key, cents: plan.amountCents, month, customerId, methodId, at: now };
    await ctx.db.patch(planId, {
      attempts,
      attempt: begun,
      month,
      monthCents: boughtIn(plan, month) + plan.amountCents,
      dueAt: now + AGAIN_MS,
    });
    return attemptOf(begun);
  },
});

/**
 * Tells what became of a top-up: its credits are entered, it takes its time, or it failed, which turns the plan off.
 * Another one than that which is under way changes nothing.
 */
export const finish = serviceMutation({
  args: {
    planId: v.id("topUpPlans"),
    key: v.string(),
    result: v.union(
      v.object({ kind: v.literal("paid") }),
      v.object({ kind: v.literal("later"), paymentId: v.string() }),
      v.object({ kind: v.literal("failed"), failure: literals(TOP_UP_FAILURES) }),
    ),
  },
  returns: v.null(),
  handler: async (ctx, { planId, key, result }) => {
    const plan = await ctx.db.get(planId);
    if (!plan?.attempt || plan.attempt.key !== key) return;
    if (result.kind === "later") {
      await ctx.db.patch(planId, { attempt: { ...plan.attempt, paymentId: result.paymentId } });
      return;
    }
    await ctx.db.patch(planId, { attempt: undefined, dueAt: undefined });
    if (result.kind === "paid")
      return await demandTopUp(ctx, plan.organizationId, await availableTo(ctx, plan));
    const isOfMonth = plan.attempt.month === plan.month;
    if (isOfMonth) await ctx.db.patch(planId, { monthCents: plan.monthCents - plan.attempt.cents });
    await turnOff(ctx, plan, result.failure);
  },
});
