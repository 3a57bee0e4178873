import type { z } from "zod";
import { api } from "#convex/_generated/api.js";
import type { agentUsageResponse, usageResponse } from "#contracts/billing.ts";
import type { Principal } from "#domain/principal.ts";
import {
  addGroups,
  addSums,
  lastDays,
  NO_USAGE,
  type UsageGroup,
  type UsageSum,
} from "#domain/usage-report.ts";
import { dataFor } from "../convex/client.ts";

const PAGE_ROWS = 2_000;
/** More roll-ups than these are not read, and the report says so. */
const MAX_PAGES = 25;
const DAY_MS = 86_400_000;

/**
 * What the organization's model calls of the last days used and cost.
 * @param days 1–90, today included; in UTC
 * @param by `member` has each person's calls stand alone: those that were made for their messages
 */
export async function usageReport(
  caller: Principal,
  days: number,
  by?: "member",
): Promise<z.infer<typeof usageResponse>> {
  const range = lastDays(days, Date.now());
  const from = range[0] ?? "";
  const returned = dataFor(caller).query(api.usageReports.refunds, { from });
  // It is awaited last: a failure before that is the one to be told.
  returned.catch(() => undefined);
  let groups: UsageGroup[] = [];
  const names = new Map<string, string>();
  let oldestDay: string | null = null;
  let cursor: string | null = null;
  let complete = false;
  for (let page = 0; page < MAX_PAGES && !complete; page += 1) {
    const found: Awaited<ReturnType<typeof readPage>> = await readPage(caller, { from, cursor, by });
    groups = addGroups([...groups, ...found.groups]);
    for (const { userId, name } of found.people) names.set(userId, name);
    oldestDay = found.oldestDay ?? oldestDay;
    cursor = found.continueCursor;
    complete = found.isDone;
  }
  // The last day may not have been read to its end.
  if (!complete) groups = groups.filter(({ day }) => day !== oldestDay);
  const refunds = (await returned).filter(({ day }) => complete || oldestDay === null || day > oldestDay);
  const whole = complete || oldestDay === null ? null : Date.parse(oldestDay) + DAY_MS;
  return {
    from,
    to: range.at(-1) ?? from,
    calls: groups.reduce((sum, group) => sum + group.calls, 0),
    complete,
    counted_from: whole === null ? null : new Date(whole).toISOString(),
    usage: groups.map((group) => ({
      day: group.day,
      provider: group.provider,
      model: group.model,
      key_source: group.keySource,
      ...(group.userId !== undefined && {
        user_id: group.userId,
        user_name: group.userId === null ? null : (names.get(group.userId) ?? null),
      }),
      ...sumAsJson(group),
    })),
    refunded_micro_usd: refunds.reduce((sum, { amountMicroUsd }) => sum + amountMicroUsd, 0),
    refunds: refunds.map(({ day, refunds: entries, amountMicroUsd }) => ({
      day,
      refunds: entries,
      amount_micro_usd: amountMicroUsd,
    })),
  };
}

async function readPage(
  caller: Principal,
  { from, cursor, by }: { from: string; cursor: string | null; by: "member" | undefined },
) {
  return await dataFor(caller).query(api.usageReports.page, {
    from,
    ...(by && { by }),
    paginationOpts: { numItems: PAGE_ROWS, cursor },
  });
}

const sumAsJson = (sum: UsageSum) => ({
  calls: sum.calls,
  input_tokens: sum.inputTokens,
  cached_tokens: sum.cachedTokens,
  output_tokens: sum.outputTokens,
  cost_micro_usd: sum.costMicroUsd,
  estimated_calls: sum.estimatedCalls ?? 0,
  unpriced_calls: sum.unpricedCalls ?? 0,
});

/**
 * What an agent's runs of the last days used and cost.
 * @param days 1–90, today included; in UTC
 * @throws HttpError not_found
 */
export async function agentUsage(
  caller: Principal,
  agentId: string,
  days: number,
): Promise<z.infer<typeof agentUsageResponse>> {
  const range = lastDays(days, Date.now());
  const from = range[0] ?? "";
  const rows = await dataFor(caller).query(api.usageReports.ofAgent, { agentId, from });
  return {
    from,
    to: range.at(-1) ?? from,
    runs: rows.reduce((sum, { runs }) => sum + runs, 0),
    ...sumAsJson(rows.reduce<UsageSum>(addSums, NO_USAGE)),
    days: rows.map(({ day, runs, ...sum }) => ({ day, runs, ...sumAsJson(sum) })),
  };
}
