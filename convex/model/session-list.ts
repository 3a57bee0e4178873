import type { PaginationOptions, PaginationResult } from "convex/server";
import { matchesFilter, type SessionFilter } from "../../lib/domain/session-filter.ts";
import type { Doc } from "../_generated/dataModel";
import type { QueryCtx } from "../_generated/server";
import type { Caller } from "../functions.ts";

type Row = Doc<"sandboxSessions">;

/** A page of the organization's sessions, newest first, without those that the filter leaves out. */
export async function pageOfSessions(
  ctx: QueryCtx & { caller: Caller },
  filter: SessionFilter,
  options: PaginationOptions,
): Promise<PaginationResult<Row>> {
  const { organizationId, user } = ctx.caller;
  const found = await ctx.db
    .query("sandboxSessions")
    .withIndex("by_organization", (q) => q.eq("organizationId", organizationId))
    .order("desc")
    .paginate(options);
  return { ...found, page: found.page.filter((row) => matchesFilter(row, filter, user._id)) };
}
