import { topUpDue, type TopUpFailure } from "#domain/top-up.ts";
import { monthOf } from "#domain/usage-report.ts";
import type { Doc, Id } from "../_generated/dataModel";
import type { MutationCtx, QueryCtx } from "../_generated/server";
import { audit } from "./audit.ts";

/** An organization's plan, if it has ever set one. */
export const planOf = async (
  ctx: QueryCtx,
  organizationId: Id<"organizations">,
): Promise<Doc<"topUpPlans"> | null> =>
  await ctx.db
    .query("topUpPlans")
    .withIndex("by_organization", (q) => q.eq("organizationId", organizationId))
    .unique();

/** Has a server top an organization's credits up, where its plan says so. @param availableMicroUsd less what is held */
export async function demandTopUp(
  ctx: MutationCtx,
  organizationId: Id<"organizations">,
  availableMicroUsd: number,
): Promise<void> {
  const plan = await planOf(ctx, organizationId);
  if (!plan || plan.attempt !== undefined || plan.dueAt !== undefined) return;
  const now = Date.now();
  if (topUpDue(plan, availableMicroUsd, monthOf(now)) === "buy") await ctx.db.patch(plan._id, { dueAt: now });
}

/** Turns a plan off, for its admins to see why. */
export async function turnOff(
  ctx: MutationCtx,
  plan: Doc<"topUpPlans">,
  failure: TopUpFailure,
): Promise<void> {
  await ctx.db.patch(plan._id, { isOn: false, failure, dueAt: undefined });
  await audit(ctx, {
    organizationId: plan.organizationId,
    actor: { kind: "system" },
    action: "top_up.turned_off",
    before: { on: plan.isOn },
    after: { on: false, reason: failure },
  });
}
