import { LIMIT_SUBJECTS, type LimitSubject, stepToTell } from "#domain/monthly-limits.ts";
import { monthOf } from "#domain/usage-report.ts";
import type { Doc, Id } from "../_generated/dataModel";
import type { MutationCtx, QueryCtx } from "../_generated/server";

/** Whose a call is: what it costs counts for each of them. */
export interface Payers {
  organizationId: Id<"organizations">;
  /** Who sent the message that it is made for, or had it made; else who started the session. */
  userId?: Id<"users"> | undefined;
  agentId?: Id<"agents"> | undefined;
  /** The key that started the run, or had the call made. */
  keyId?: Id<"apiKeys"> | undefined;
}

export interface Subject {
  organizationId: Id<"organizations">;
  subject: LimitSubject;
  subjectId: string;
}

/** Those whose spending a call counts for. */
function subjectsOf({ organizationId, userId, agentId, keyId }: Payers): Subject[] {
  const ids = { organization: organizationId, member: userId, agent: agentId, api_key: keyId };
  return LIMIT_SUBJECTS.flatMap((subject) => {
    const subjectId = ids[subject];
    return subjectId === undefined ? [] : [{ organizationId, subject, subjectId }];
  });
}

/** The limit of a subject, if it has one. */
export async function limitOf(
  ctx: QueryCtx | MutationCtx,
  { organizationId, subject, subjectId }: Subject,
): Promise<Doc<"monthlyLimits"> | null> {
  return await ctx.db
    .query("monthlyLimits")
    .withIndex("by_subject", (q) =>
      q.eq("organizationId", organizationId).eq("subject", subject).eq("subjectId", subjectId),
    )
    .unique();
}

/** What a subject has spent in a month and holds; null where it has done neither. */
export async function spendingOf(
  ctx: QueryCtx | MutationCtx,
  { organizationId, subject, subjectId }: Subject,
  month: string,
): Promise<Doc<"monthlySpending"> | null> {
  return await ctx.db
    .query("monthlySpending")
    .withIndex("by_subject_month", (q) =>
      q
        .eq("organizationId", organizationId)
        .eq("subject", subject)
        .eq("subjectId", subjectId)
        .eq("month", month),
    )
    .unique();
}

type Change = Partial<Pick<Doc<"monthlySpending">, "spentMicroUsd" | "heldMicroUsd">>;

/** Adds to a subject's month. */
async function addTo(ctx: MutationCtx, of: Subject, month: string, more: Change): Promise<void> {
  const known = await spendingOf(ctx, of, month);
  const { spentMicroUsd = 0, heldMicroUsd = 0 } = more;
  if (known)
    await ctx.db.patch(known._id, {
      spentMicroUsd: known.spentMicroUsd + spentMicroUsd,
      heldMicroUsd: known.heldMicroUsd + heldMicroUsd,
    });
  else {
    const { organizationId, subject, subjectId } = of;
    const row = { organizationId, subject, subjectId, month, spentMicroUsd, heldMicroUsd, toldStep: 0 };
    await ctx.db.insert("monthlySpending", row);
  }
}

/** A limit that a call counts against, and what is left of it. */
export interface Applied {
  limit: Doc<"monthlyLimits">;
  month: string;
  leftMicroUsd: number;
  /** What calls under way hold of it, those of sessions that have just ended included. */
  heldMicroUsd: number;
}

/** Whether a hold counts against a limit in a month. */
const countsFor = (row: Doc<"creditHolds">, { organizationId, subject, subjectId }: Subject, month: string) =>
  row.month === month &&
  row.limitedBy?.includes(subject) === true &&
  subjectsOf({ ...row, organizationId }).some(
    (one) => one.subject === subject && one.subjectId === subjectId,
  );

/**
 * The limits that a call counts against now.
 * @param ending holds of calls whose sessions have ended: they are in no row any more, and are charged all the same
 */
export async function limitsFor(
  ctx: MutationCtx,
  payers: Payers,
  now: number,
  ending: readonly Doc<"creditHolds">[],
): Promise<Applied[]> {
  const month = monthOf(now);
  const found: Applied[] = [];
  for (const of of subjectsOf(payers)) {
    const limit = await limitOf(ctx, of);
    if (!limit) continue;
    const spending = await spendingOf(ctx, of, month);
    const heldMicroUsd = ending
      .filter((row) => countsFor(row, of, month))
      .reduce((sum, row) => sum + row.amountMicroUsd, spending?.heldMicroUsd ?? 0);
    const leftMicroUsd = limit.limitMicroUsd - (spending?.spentMicroUsd ?? 0) - heldMicroUsd;
    found.push({ limit, month, leftMicroUsd, heldMicroUsd });
  }
  return found;
}

/** What a hold notes of the limits that it counts against, from before its call is made. */
export async function holdOfLimits(
  ctx: MutationCtx,
  payers: Payers,
  applied: readonly Applied[],
  { amountMicroUsd, now }: { amountMicroUsd: number; now: number },
): Promise<Pick<Doc<"creditHolds">, "month" | "userId" | "agentId" | "keyId" | "limitedBy">> {
  const { userId, agentId, keyId } = payers;
  for (const { limit, month } of applied) await addTo(ctx, limit, month, { heldMicroUsd: amountMicroUsd });
  return {
    month: monthOf(now),
    ...(userId && { userId }),
    ...(agentId && { agentId }),
    ...(keyId && { keyId }),
    ...(applied.length > 0 && { limitedBy: applied.map(({ limit }) => limit.subject) }),
  };
}

/** Gives back what an open hold holds of limits. To be called once, as it ends. */
export async function giveBackLimits(ctx: MutationCtx, row: Doc<"creditHolds">): Promise<void> {
  const { month, limitedBy } = row;
  if (month === undefined || !limitedBy) return;
  for (const of of subjectsOf(row))
    if (limitedBy.includes(of.subject)) await addTo(ctx, of, month, { heldMicroUsd: -row.amountMicroUsd });
}

/** A limit of which people are to be told. */
export interface LimitNews {
  subject: LimitSubject;
  subjectId: string;
  month: string;
  step: number;
}

/** Notes that people are told of a step; null where they were told of it, or of a higher one. */
async function tell(ctx: MutationCtx, limit: Doc<"monthlyLimits">, month: string): Promise<LimitNews | null> {
  const row = await spendingOf(ctx, limit, month);
  const step = row && stepToTell(row, limit.limitMicroUsd);
  if (!row || !step) return null;
  await ctx.db.patch(row._id, { toldStep: step });
  return { subject: limit.subject, subjectId: limit.subjectId, month, step };
}

/**
 * Counts what a call has cost for everybody whose it is, in the month in which it was begun.
 * @param held its hold; without one it counts for `payers`, now
 * @returns what people are to be told, once for each limit, month and step
 */
export async function countSpending(
  ctx: MutationCtx,
  payers: Payers,
  { costMicroUsd, held, now }: { costMicroUsd: number; held: Doc<"creditHolds"> | null; now: number },
): Promise<LimitNews[]> {
  if (costMicroUsd === 0) return [];
  const month = held?.month ?? monthOf(now);
  const news: LimitNews[] = [];
  for (const of of subjectsOf(held?.month === undefined ? payers : held)) {
    await addTo(ctx, of, month, { spentMicroUsd: costMicroUsd });
    const limit = await limitOf(ctx, of);
    const told = limit && (await tell(ctx, limit, month));
    if (told) news.push(told);
  }
  return news;
}

/** A limit has stopped a call: it is reached, however little is left. @returns what people are to be told, once */
export async function limitReached(ctx: MutationCtx, { limit, month }: Applied): Promise<LimitNews | null> {
  const row = await spendingOf(ctx, limit, month);
  if (row?.toldStep === 100) return null;
  if (row) await ctx.db.patch(row._id, { toldStep: 100 });
  else {
    const { organizationId, subject, subjectId } = limit;
    const none = { spentMicroUsd: 0, heldMicroUsd: 0, toldStep: 100 };
    await ctx.db.insert("monthlySpending", { organizationId, subject, subjectId, month, ...none });
  }
  return { subject: limit.subject, subjectId: limit.subjectId, month, step: 100 };
}

/** Counts a call of this month from before months were added up. Idempotent; nobody is told of what is past. */
export async function withMonthCounted(
  ctx: MutationCtx,
  record: Doc<"usageRecords">,
): Promise<Partial<Doc<"usageRecords">>> {
  if (record.inMonth) return {};
  const { organizationId, userId, keyId, sessionId, costMicroUsd, _creationTime: at } = record;
  const month = monthOf(at);
  if (month === monthOf(Date.now()) && costMicroUsd !== 0) {
    const session = sessionId && (await ctx.db.get(sessionId));
    const payers = { organizationId, userId, keyId, agentId: session?.agentId };
    for (const of of subjectsOf(payers)) await addTo(ctx, of, month, { spentMicroUsd: costMicroUsd });
  }
  return { inMonth: true };
}
