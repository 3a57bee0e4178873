import { monthOf } from "#domain/usage-report.ts";
import type { Doc } from "../_generated/dataModel";
import type { MutationCtx } from "../_generated/server";
import { takeUpTo } from "./paging.ts";

/** Days, models and people of a month are fewer as a rule; what is behind them is left out. */
const MAX_ROWS = 2_000;

/** Adds up what an account of before its month was noted has spent in this one. Idempotent. */
export async function withSpentMonth(
  ctx: MutationCtx,
  account: Doc<"creditAccounts">,
): Promise<Partial<Doc<"creditAccounts">>> {
  if (account.spentMonth !== undefined) return {};
  const { organizationId } = account;
  const spentMonth = monthOf(Date.now());
  const days = await takeUpTo(
    ctx.db
      .query("usageDaily")
      .withIndex("by_group", (q) =>
        q.eq("organizationId", organizationId).eq("sessionId", undefined).gte("day", `${spentMonth}-01`),
      ),
    { rows: MAX_ROWS },
  );
  const refunds = await takeUpTo(
    ctx.db.query("ledgerEntries").withIndex("by_organization_kind", (q) =>
      q
        .eq("organizationId", organizationId)
        .eq("kind", "refund")
        .gte("_creationTime", Date.parse(`${spentMonth}-01`)),
    ),
    { rows: MAX_ROWS },
  );
  const charged = days.reduce(
    (sum, { keySource, costMicroUsd }) => sum + (keySource === "platform" ? costMicroUsd : 0),
    0,
  );
  const returned = refunds.reduce((sum, { deltaMicroUsd }) => sum + deltaMicroUsd, 0);
  return { spentMonth, spentMicroUsd: charged - returned };
}
