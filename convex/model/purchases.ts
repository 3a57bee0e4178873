import { NO_PARTS, partsOf, type Payment, type PaymentParts, stateOf } from "#domain/purchases.ts";
import type { Doc, Id } from "../_generated/dataModel";
import type { MutationCtx, QueryCtx } from "../_generated/server";
import { audit } from "./audit.ts";
import { enter } from "./credits.ts";

type Ctx = QueryCtx | MutationCtx;

/** Whose payments those of a customer are; null for one that isn't known here. */
export async function organizationOf(ctx: Ctx, customerId: string): Promise<Id<"organizations"> | null> {
  const row = await ctx.db
    .query("billingCustomers")
    .withIndex("by_customer", (q) => q.eq("customerId", customerId))
    .unique();
  return row?.organizationId ?? null;
}

/** Who an organization is to Stripe; null before its first checkout. */
export async function customerOf(ctx: Ctx, organizationId: Id<"organizations">): Promise<string | null> {
  const row = await ctx.db
    .query("billingCustomers")
    .withIndex("by_organization", (q) => q.eq("organizationId", organizationId))
    .unique();
  return row?.customerId ?? null;
}

export async function purchaseOf(ctx: Ctx, paymentId: string): Promise<Doc<"purchases"> | null> {
  return await ctx.db
    .query("purchases")
    .withIndex("by_payment", (q) => q.eq("paymentId", paymentId))
    .unique();
}

export async function checkoutOf(ctx: Ctx, checkoutId: string): Promise<Doc<"checkouts"> | null> {
  return await ctx.db
    .query("checkouts")
    .withIndex("by_checkout", (q) => q.eq("checkoutId", checkoutId))
    .unique();
}

/** What each part is in the ledger, and in the audit log. */
const PARTS = [
  { part: "boughtMicroUsd", kind: "purchase", words: ["Credits bought", "A purchase was undone"] },
  { part: "returnedMicroUsd", kind: "purchase_return", words: ["A refund failed", "A payment was refunded"] },
  {
    part: "disputedMicroUsd",
    kind: "dispute",
    words: ["A dispute was won", "A payment is disputed with the bank"],
  },
] as const satisfies {
  part: keyof PaymentParts;
  kind: Doc<"ledgerEntries">["kind"];
  /** Where the part rises, and where it falls. */
  words: readonly [string, string];
}[];
const ACTIONS = {
  purchase: "credits.bought",
  purchase_return: "credits.returned",
  dispute: "credits.disputed",
} as const;

interface Paid extends Payment {
  organizationId: Id<"organizations">;
  paymentId: string;
  receiptUrl?: string | undefined;
}

/**
 * Brings the ledger to where a payment stands: enters what each part differs by from what was entered before. The same
 * state again enters nothing.
 */
export async function enterPayment(
  ctx: MutationCtx,
  row: Doc<"purchases"> | null,
  { organizationId, paymentId, receiptUrl, ...payment }: Paid,
): Promise<void> {
  const now = partsOf(payment);
  const before: PaymentParts = row ?? NO_PARTS;
  const changed = PARTS.filter(({ part }) => now[part] !== before[part]);
  if (changed.length === 0 && row?.receiptUrl === receiptUrl) return;
  const revision = (row?.revision ?? 0) + 1;
  const next = { ...now, revision, ...(receiptUrl !== undefined && { receiptUrl }) };
  if (row) await ctx.db.patch(row._id, next);
  else await ctx.db.insert("purchases", { organizationId, paymentId, ...next });
  for (const { part, kind, words } of changed) {
    const deltaMicroUsd = now[part] - before[part];
    await enter(ctx, {
      organizationId,
      key: `stripe:${paymentId}:${revision}:${kind}`,
      kind,
      deltaMicroUsd,
      description: deltaMicroUsd > 0 ? words[0] : words[1],
    });
    await audit(ctx, {
      organizationId,
      actor: { kind: "system" },
      action: ACTIONS[kind],
      target: paymentId,
      before: { state: row ? stateOf(before) : null },
      after: { state: stateOf(now), amountMicroUsd: deltaMicroUsd },
    });
  }
}
