import { folded } from "#domain/git.ts";
import type { Doc } from "../_generated/dataModel";
import type { MutationCtx } from "../_generated/server";
import { takeUpTo } from "./paging.ts";

/** How long a delivery is known to have come. */
const KNOWN_MS = 24 * 3_600_000;
/** Old ones that each new one removes. */
const REMOVED = 20;
const MAX_KEYS = 2;
const MAX_NAMED = 10;
const MAX_ROWS = 20;
/** Rows of other repositories with the same number that are passed over: all that is read stays below 8 MB. */
const LOOKED_AT = { rows: 200, bytes: 400_000 };

/** Notes a delivery. @returns false where one of its names is known, and nothing was noted */
export async function isFreshDelivery(
  ctx: MutationCtx,
  { _id: connectionId, organizationId }: Doc<"gitConnections">,
  keys: readonly string[],
): Promise<boolean> {
  const now = Date.now();
  const named = keys.slice(0, MAX_KEYS);
  for (const key of named) {
    const known = await ctx.db
      .query("gitDeliveries")
      .withIndex("by_key", (q) => q.eq("connectionId", connectionId).eq("key", key))
      .first();
    if (known) return false;
  }
  const old = await ctx.db
    .query("gitDeliveries")
    .withIndex("by_taken", (q) => q.eq("connectionId", connectionId).lt("takenAt", now - KNOWN_MS))
    .take(REMOVED);
  for (const { _id } of old) await ctx.db.delete(_id);
  for (const key of named)
    await ctx.db.insert("gitDeliveries", { organizationId, connectionId, key, takenAt: now });
  return true;
}

type Row = Doc<"sessionRepositories">;

/** Sessions' repositories whose pull request a delivery is about, by its number or its branch; the latest ones. */
export async function hookedRepositories(
  ctx: MutationCtx,
  { organizationId, slug, kind }: Doc<"gitConnections">,
  {
    repository,
    numbers,
    branches,
  }: { repository: string; numbers: readonly number[]; branches: readonly string[] },
): Promise<Row[]> {
  const found = new Map<string, Row>();
  const add = (rows: readonly Row[]) => {
    for (const row of rows)
      if (folded(row.repository, kind) === folded(repository, kind)) found.set(row._id, row);
  };
  const table = () => ctx.db.query("sessionRepositories");
  for (const number of numbers.slice(0, MAX_NAMED)) {
    const its = table().withIndex("by_pull_request", (q) =>
      q.eq("organizationId", organizationId).eq("connection", slug).eq("pullRequest.number", number),
    );
    add(await takeUpTo(its.order("desc"), LOOKED_AT));
  }
  for (const branch of branches.slice(0, MAX_NAMED)) {
    const its = table().withIndex("by_branch", (q) =>
      q.eq("organizationId", organizationId).eq("connection", slug).eq("branch", branch),
    );
    add(await takeUpTo(its.order("desc"), LOOKED_AT));
  }
  return [...found.values()].filter((row) => row.pullRequest !== undefined).slice(0, MAX_ROWS);
}
