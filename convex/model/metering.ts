import {
  isQuotaUsed,
  METER_STEP_MS,
  SANDBOX_PROVIDER,
  type SandboxSize,
  sizeName,
  TEMPLATE_SIZE,
  timeToCount,
} from "#domain/sandbox-time.ts";
import { monthOf, NO_USAGE } from "#domain/usage-report.ts";
import type { Doc, Id } from "../_generated/dataModel";
import type { MutationCtx, QueryCtx } from "../_generated/server";
import { accountOf, enter } from "./credits.ts";
import { refuseFrozen } from "./frozen.ts";
import { refuse } from "./refusal.ts";
import { settingsOf } from "./settings.ts";
import { addUse } from "./usage-daily.ts";

/** What holds as long as no operator has set anything. */
export const NO_TERMS = { vcpuNanoUsd: 0, gbNanoUsd: 0, monthlyHours: 0 };

/** What the operator has set for sandboxes; null where no server has said so yet. */
export const termsOf = async (ctx: QueryCtx): Promise<Doc<"sandboxTerms"> | null> =>
  await ctx.db.query("sandboxTerms").first();

const meterOf = async (ctx: QueryCtx, sandboxId: string): Promise<Doc<"sandboxMeters"> | null> =>
  await ctx.db
    .query("sandboxMeters")
    .withIndex("by_sandbox", (q) => q.eq("sandboxId", sandboxId))
    .unique();

/** Whose a sandbox is. */
type Owner = Pick<Doc<"sandboxMeters">, "organizationId" | "sessionId" | "userId" | "sandboxId">;

/**
 * Begins to count a sandbox's time, from now on. Again, it changes nothing.
 * @param size where no server knows it, that of Studio's template
 */
export async function beginMeter(
  ctx: MutationCtx,
  owner: Owner,
  size: SandboxSize = TEMPLATE_SIZE,
): Promise<void> {
  if (await meterOf(ctx, owner.sandboxId)) return;
  const now = Date.now();
  const { vcpuNanoUsd = 0, gbNanoUsd = 0 } = (await termsOf(ctx)) ?? {};
  await ctx.db.insert("sandboxMeters", {
    ...owner,
    ...size,
    vcpuNanoUsd,
    gbNanoUsd,
    startedAt: now,
    countedUntil: now,
    costMicroUsd: 0,
    lookAt: now + METER_STEP_MS,
  });
}

/** Counts what of a sandbox's time is not counted yet, up to a moment when it ran. */
async function countTime(
  ctx: MutationCtx,
  meter: Doc<"sandboxMeters">,
  until: number,
): Promise<Doc<"sandboxMeters">> {
  const { days, countedUntil, costMicroUsd } = timeToCount(meter, until);
  const { organizationId, sessionId, userId } = meter;
  const model = sizeName(meter);
  const of = {
    organizationId,
    sessionId,
    userId,
    provider: SANDBOX_PROVIDER,
    model,
    keySource: "platform" as const,
  };
  for (const { day, ms, costMicroUsd: cost } of days) {
    await addUse(ctx, of, day, { ...NO_USAGE, costMicroUsd: cost, sandboxMs: ms });
    await addToMonth(ctx, organizationId, day.slice(0, 7), { ms, cost });
  }
  if (costMicroUsd > 0)
    await enter(ctx, {
      organizationId,
      key: `sandbox:${meter._id}:${meter.countedUntil}`,
      kind: "sandbox",
      deltaMicroUsd: -costMicroUsd,
      description: model,
      ...(sessionId && { sessionId }),
    });
  const counted = { countedUntil, costMicroUsd: meter.costMicroUsd + costMicroUsd };
  await ctx.db.patch(meter._id, counted);
  return { ...meter, ...counted };
}

async function addToMonth(
  ctx: MutationCtx,
  organizationId: Id<"organizations">,
  month: string,
  { ms, cost }: { ms: number; cost: number },
): Promise<void> {
  const known = await monthRow(ctx, organizationId, month);
  if (known)
    await ctx.db.patch(known._id, {
      sandboxMs: known.sandboxMs + ms,
      costMicroUsd: known.costMicroUsd + cost,
    });
  else await ctx.db.insert("sandboxMonths", { organizationId, month, sandboxMs: ms, costMicroUsd: cost });
}

const monthRow = async (ctx: QueryCtx, organizationId: Id<"organizations">, month: string) =>
  await ctx.db
    .query("sandboxMonths")
    .withIndex("by_month", (q) => q.eq("organizationId", organizationId).eq("month", month))
    .unique();

/** What a server has found out about a sandbox: when it asked, and whether it ran then. */
interface Sighting {
  sandboxId: string;
  /** Epoch milliseconds; a moment to come counts as now. */
  at: number;
  ran: boolean;
  /** True where it has been ended since. */
  ended: boolean;
}

/**
 * Counts a sandbox's time up to when it was seen to run, or ends its meter: one that was found gone ends where it was
 * last seen. Told again, it changes nothing more; what has ended stays as it is. But of two servers that end one at the
 * same time the second finds it gone, and may be heard first: the word of the one that has ended it counts all the same.
 * @returns the meter, if it still runs
 */
export async function seenSandbox(ctx: MutationCtx, seen: Sighting): Promise<Doc<"sandboxMeters"> | null> {
  const meter = await meterOf(ctx, seen.sandboxId);
  if (!meter) return null;
  const isLateWord = meter.wasFoundGone === true && seen.ran && seen.ended;
  if (meter.endedAt !== undefined && !isLateWord) return null;
  const now = Date.now();
  const counted = seen.ran ? await countTime(ctx, meter, Math.min(seen.at, now)) : meter;
  if (seen.ended || !seen.ran) {
    await ctx.db.patch(meter._id, {
      endedAt: counted.countedUntil,
      lookAt: undefined,
      wasFoundGone: seen.ran ? undefined : true,
    });
    return null;
  }
  await ctx.db.patch(meter._id, { lookAt: now + METER_STEP_MS });
  return counted;
}

/** Has the meter of a sandbox that another one takes the place of looked at soon, if it still runs. */
export async function lookSoon(ctx: MutationCtx, sandboxId: string): Promise<void> {
  const meter = await meterOf(ctx, sandboxId);
  if (meter?.lookAt !== undefined) await ctx.db.patch(meter._id, { lookAt: Date.now() });
}

/** Whether sandboxes cost something here, and the organization has no credits left that nothing holds. */
export async function isOutOfCredits(ctx: QueryCtx, organizationId: Id<"organizations">): Promise<boolean> {
  const terms = await termsOf(ctx);
  if (!terms || (terms.vcpuNanoUsd === 0 && terms.gbNanoUsd === 0)) return false;
  const account = await accountOf(ctx, organizationId);
  return (account?.balanceMicroUsd ?? 0) - (account?.heldMicroUsd ?? 0) <= 0;
}

/** How long the organization's sandboxes ran this month, and how long they may; milliseconds, and hours. */
export async function quotaOf(
  ctx: QueryCtx,
  organizationId: Id<"organizations">,
): Promise<{ month: string; usedMs: number; hours: number }> {
  const month = monthOf(Date.now());
  const { sandbox_hours_per_month: own } = await settingsOf(ctx, organizationId);
  const hours = own ?? (await termsOf(ctx))?.monthlyHours ?? 0;
  return { month, usedMs: (await monthRow(ctx, organizationId, month))?.sandboxMs ?? 0, hours };
}

/**
 * Whether an organization may have one more sandbox.
 * @throws organization_frozen | no_credits where it costs something and there is nothing left | session_limit where the month's hours are used
 */
export async function refuseSandbox(ctx: QueryCtx, organizationId: Id<"organizations">): Promise<void> {
  await refuseFrozen(ctx, organizationId);
  if (await isOutOfCredits(ctx, organizationId)) throw refuse("sandbox_credits");
  const { usedMs, hours } = await quotaOf(ctx, organizationId);
  if (isQuotaUsed(usedMs, hours)) throw refuse("sandbox_hours", { hours });
}
