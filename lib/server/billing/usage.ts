import type { FunctionReturnType } from "convex/server";
import type { z } from "zod";
import { api } from "#convex/_generated/api.js";
import type { agentUsageResponse, usageResponse } from "#contracts/billing.ts";
import { forecastFrom, forecastOf } from "#domain/forecast.ts";
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

/** What is counted apart: see `api.usageReports.parts`. */
type PartKind = "session" | "agent";
/** Parts that stand alone. */
const MAX_PARTS = 100;

/** What a report is read of: roll-ups since a day, as far as there are not too many. */
async function readGroups(caller: Principal, from: string, by: "member" | undefined) {
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
  return { groups, names, oldestDay, complete };
}

/**
 * What the organization's model calls and sandboxes of the last days used and cost, and how the month is likely to end.
 * @param days 1–90, today included; in UTC
 * @param by `member` has each person's calls stand alone: those that were made for their messages; `session` and `agent`
 * add what each of these used
 */
export async function usageReport(
  caller: Principal,
  days: number,
  by?: "member" | PartKind,
): Promise<z.infer<typeof usageResponse>> {
  const now = Date.now();
  const range = lastDays(days, now);
  const from = range[0] ?? "";
  const data = dataFor(caller);
  const partsOf = by === "session" || by === "agent" ? by : undefined;
  const since = forecastFrom(now);
  const [read, returned, parts, sandboxes] = await Promise.all([
    readGroups(caller, since < from ? since : from, by === "member" ? by : undefined),
    data.query(api.usageReports.refunds, { from }),
    partsOf && readParts(caller, partsOf, from),
    data.query(api.sandboxMeters.month, {}),
  ]);
  const { names, oldestDay } = read;
  const isWhole = read.complete || oldestDay === null;
  const complete = (isWhole || oldestDay < from) && parts?.complete !== false;
  const groups = read.groups.filter(({ day }) => day >= from);
  const refunds = returned.filter(({ day }) => isWhole || day > oldestDay);
  const countedFrom = isWhole || oldestDay < from ? null : Date.parse(oldestDay) + DAY_MS;
  return {
    from,
    to: range.at(-1) ?? from,
    calls: groups.reduce((sum, group) => sum + group.calls, 0),
    complete,
    counted_from: countedFrom === null ? null : new Date(countedFrom).toISOString(),
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
    month: monthAsJson(read.groups, now, isWhole || oldestDay < since, sandboxes),
    ...(parts && { parts: parts.parts, others: parts.others }),
    refunded_micro_usd: refunds.reduce((sum, { amountMicroUsd }) => sum + amountMicroUsd, 0),
    refunds: refunds.map(({ day, refunds: entries, amountMicroUsd }) => ({
      day,
      refunds: entries,
      amount_micro_usd: amountMicroUsd,
    })),
  };
}

/** @param isWhole false where the month was not read to its beginning: then nothing is foretold */
function monthAsJson(
  groups: readonly UsageGroup[],
  now: number,
  isWhole: boolean,
  sandboxes: { usedMs: number; hours: number },
) {
  const all = forecastOf(groups, now);
  const credits = forecastOf(
    groups.map((group) => ({ ...group, ...(group.keySource !== "platform" && { costMicroUsd: 0 }) })),
    now,
  );
  return {
    month: all.month,
    spent_micro_usd: all.spentMicroUsd,
    forecast_micro_usd: isWhole ? all.forecastMicroUsd : null,
    spent_credits_micro_usd: credits.spentMicroUsd,
    forecast_credits_micro_usd: isWhole ? credits.forecastMicroUsd : null,
    basis_days: all.basisDays,
    sandbox_seconds: Math.round(sandboxes.usedMs / 1_000),
    sandbox_hours_limit: sandboxes.hours === 0 ? null : sandboxes.hours,
  };
}

/** What each session or agent used since a day, the dearest first, with its name. */
async function readParts(caller: Principal, of: PartKind, from: string) {
  const data = dataFor(caller);
  const sums = new Map<string, UsageSum>();
  let cursor: string | null = null;
  let complete = false;
  for (let page = 0; page < MAX_PAGES && !complete; page += 1) {
    const paginationOpts = { numItems: PAGE_ROWS, cursor };
    const found: FunctionReturnType<typeof api.usageReports.parts> = await data.query(
      api.usageReports.parts,
      { from, of, paginationOpts },
    );
    for (const { id, ...sum } of found.parts) sums.set(id, addSums(sums.get(id) ?? NO_USAGE, sum));
    cursor = found.continueCursor;
    complete = found.isDone;
  }
  const sorted = [...sums].toSorted(
    ([a, x], [b, y]) => y.costMicroUsd - x.costMicroUsd || y.calls - x.calls || a.localeCompare(b),
  );
  const shown = sorted.slice(0, MAX_PARTS);
  const rest = sorted.slice(MAX_PARTS).map(([, sum]) => sum);
  const named = await data.query(api.usageReports.names, { of, ids: shown.map(([id]) => id) });
  const names = new Map(named.map(({ id, name }) => [id, name]));
  return {
    complete,
    parts: shown.map(([id, sum]) => ({ id, name: names.get(id) ?? null, ...sumAsJson(sum) })),
    others: rest.length === 0 ? null : sumAsJson(rest.reduce(addSums, NO_USAGE)),
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
  sandbox_seconds: Math.round((sum.sandboxMs ?? 0) / 1_000),
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
