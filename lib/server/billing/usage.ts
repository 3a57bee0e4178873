import type { z } from "zod";
import { api } from "../../../convex/_generated/api.js";
import type { usageResponse } from "../../contracts/billing.ts";
import type { Principal } from "../../domain/principal.ts";
import { addGroups, lastDays, type UsageGroup } from "../../domain/usage-report.ts";
import { dataFor } from "../convex/client.ts";

const PAGE_ROWS = 2_000;
/** More calls than this are not counted, and the report says so. */
const MAX_PAGES = 25;

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
  const since = Date.parse(from);
  let groups: UsageGroup[] = [];
  const names = new Map<string, string>();
  let calls = 0;
  let oldestAt: number | null = null;
  let cursor: string | null = null;
  let complete = false;
  for (let page = 0; page < MAX_PAGES && !complete; page += 1) {
    const found: Awaited<ReturnType<typeof readPage>> = await readPage(caller, { since, cursor, by });
    groups = addGroups([...groups, ...found.groups]);
    for (const { userId, name } of found.people) names.set(userId, name);
    calls += found.calls;
    oldestAt = found.oldestAt ?? oldestAt;
    cursor = found.continueCursor;
    complete = found.isDone;
  }
  return {
    from,
    to: range.at(-1) ?? from,
    calls,
    complete,
    counted_from: complete || oldestAt === null ? null : new Date(oldestAt).toISOString(),
    usage: groups.map((group) => ({
      day: group.day,
      provider: group.provider,
      model: group.model,
      key_source: group.keySource,
      ...(group.userId !== undefined && {
        user_id: group.userId,
        user_name: group.userId === null ? null : (names.get(group.userId) ?? null),
      }),
      calls: group.calls,
      input_tokens: group.inputTokens,
      cached_tokens: group.cachedTokens,
      output_tokens: group.outputTokens,
      cost_micro_usd: group.costMicroUsd,
      estimated_calls: group.estimatedCalls ?? 0,
      unpriced_calls: group.unpricedCalls ?? 0,
    })),
  };
}

async function readPage(
  caller: Principal,
  { since, cursor, by }: { since: number; cursor: string | null; by: "member" | undefined },
) {
  return await dataFor(caller).query(api.usageReports.page, {
    since,
    ...(by && { by }),
    paginationOpts: { numItems: PAGE_ROWS, cursor },
  });
}
