import type { PaginationOptions, PaginationResult } from "convex/server";
import { LIVE_STATUSES, type SessionStatus } from "#domain/lifecycle.ts";
import { matchesFilter, type SessionFilter, type SessionGroup } from "#domain/session-filter.ts";
import { SETTING_BOUNDS } from "#domain/settings.ts";
import type { Doc, Id } from "../_generated/dataModel";
import type { QueryCtx } from "../_generated/server";
import { refuse } from "./refusal.ts";

type Row = Doc<"sandboxSessions">;
/** `truncated`: the search has more matches than were looked at, and none of them is on any page. */
type Page = PaginationResult<Row> & { truncated: boolean };
/** Whose sessions are listed, and whose own ones `mine` means: nobody's, where no member asks. */
interface Reader {
  organizationId: Id<"organizations">;
  userId: Id<"users"> | null;
}

/** As many of the best matches of a search, which are parts of sessions, are looked at. */
const MAX_HITS = 128;
/** The states of sessions that are live, of which an organization has few. */
const LIVE: Partial<Record<SessionGroup, readonly SessionStatus[]>> = {
  waiting: ["active"],
  active: ["active", "provisioning"],
  idle: ["idle", "ready"],
};

/**
 * A page of the organization's sessions, newest first (of the archive: last archived first), without those that the
 * filter leaves out. Each filter has its index, so that what it leaves out is not read, as far as one index goes.
 */
export async function pageOfSessions(
  ctx: QueryCtx,
  reader: Reader,
  filter: SessionFilter,
  options: PaginationOptions,
): Promise<Page> {
  const keep = (row: Row): boolean => matchesFilter(row, filter, reader.userId ?? "");
  const text = filter.text?.trim() ?? "";
  if (text !== "") {
    const { rows, truncated } = await found(ctx, reader, filter, text);
    return { ...slice(rows, options, keep), truncated };
  }
  const statuses = filter.live ? LIVE_STATUSES : filter.group && LIVE[filter.group];
  if (statuses && filter.archived !== true)
    return { ...slice(await live(ctx, reader, statuses), options, keep), truncated: false };
  const { page, ...rest } = await rowsOf(ctx, reader, filter).order("desc").paginate(options);
  return { ...rest, page: page.filter(keep), truncated: false };
}

/** The sessions by whichever index leaves out most of what the filter does. */
function rowsOf(
  ctx: QueryCtx,
  { organizationId, userId }: Reader,
  { archived = false, mine, group, environment, agentId }: SessionFilter,
) {
  const sessions = ctx.db.query("sandboxSessions");
  const agent = agentId === undefined ? undefined : ctx.db.normalizeId("agents", agentId);
  if (agent === null) throw refuse("agent_not_found");
  if (agent)
    return sessions.withIndex("by_organization_agent_archived", (q) => {
      const its = q.eq("organizationId", organizationId).eq("agentId", agent);
      return archived ? its.gt("archivedAt", 0) : its.eq("archivedAt", undefined);
    });
  if (mine && userId !== null)
    return sessions.withIndex("by_user_organization_archived", (q) => {
      const own = q.eq("userId", userId).eq("organizationId", organizationId);
      return archived ? own.gt("archivedAt", 0) : own.eq("archivedAt", undefined);
    });
  if (group === "stopped" || group === "error")
    return sessions.withIndex("by_organization_status_archived", (q) => {
      const ended = q.eq("organizationId", organizationId).eq("status", group);
      return archived ? ended.gt("archivedAt", 0) : ended.eq("archivedAt", undefined);
    });
  if (environment)
    return sessions.withIndex("by_organization_environment_archived", (q) => {
      const there = q.eq("organizationId", organizationId).eq("environment", environment);
      return archived ? there.gt("archivedAt", 0) : there.eq("archivedAt", undefined);
    });
  return sessions.withIndex("by_organization_archived", (q) => {
    const all = q.eq("organizationId", organizationId);
    return archived ? all.gt("archivedAt", 0) : all.eq("archivedAt", undefined);
  });
}

/** All sessions of some live states. */
async function live(
  { db }: QueryCtx,
  { organizationId }: Reader,
  statuses: readonly SessionStatus[],
): Promise<Row[]> {
  const found = await Promise.all(
    statuses.map(
      async (status) =>
        await db
          .query("sandboxSessions")
          .withIndex("by_organization_status", (q) =>
            q.eq("organizationId", organizationId).eq("status", status),
          )
          .take(SETTING_BOUNDS.max_live_sessions.max),
    ),
  );
  return found.flat();
}

const wordsOf = (text: string): string[] => text.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? [];

/** Whether a text has every word, the last of which may be incomplete: the index finds what has any of them. */
function hasAll(text: string, words: readonly string[]): boolean {
  const its = new Set(wordsOf(text));
  const last = words.at(-1) ?? "";
  return words.slice(0, -1).every((word) => its.has(word)) && [...its].some((word) => word.startsWith(last));
}

/** The sessions that a search finds by their titles, and by what was asked and answered in them. */
async function found(
  { db }: QueryCtx,
  { organizationId, userId }: Reader,
  { mine, environment, archived = false }: SessionFilter,
  text: string,
): Promise<{ rows: Row[]; truncated: boolean }> {
  const all = await db
    .query("searchTexts")
    .withSearchIndex("by_text", (q) => {
      const its = q.search("text", text).eq("organizationId", organizationId).eq("archived", archived);
      const whose = mine && userId !== null ? its.eq("userId", userId) : its;
      return environment ? whose.eq("environment", environment) : whose;
    })
    .take(MAX_HITS + 1);
  const hits = all.slice(0, MAX_HITS);
  const words = wordsOf(text);
  const ids = new Set<Id<"sandboxSessions">>(
    hits.filter((hit) => hasAll(hit.text, words)).map(({ sessionId }) => sessionId),
  );
  const rows = await Promise.all([...ids].map(async (id) => await db.get(id)));
  return { rows: rows.filter((row) => row !== null), truncated: all.length > MAX_HITS };
}

const CURSOR = /^before:(\d+(?:\.\d+)?)$/;

/** A page of rows that are all there already, newest first. Its cursor is the age of the last one. */
function slice(rows: Row[], options: PaginationOptions, keep: (row: Row) => boolean): PaginationResult<Row> {
  const { numItems, cursor } = options;
  const before = cursor === null ? Infinity : Number(CURSOR.exec(cursor)?.[1] ?? Number.NaN);
  if (Number.isNaN(before)) throw new Error("InvalidCursor: the cursor is not one of this list.");
  const rest = rows
    .filter((row) => row._creationTime < before && keep(row))
    .toSorted((a, b) => b._creationTime - a._creationTime);
  const page = rest.slice(0, numItems);
  const last = page.at(-1);
  return {
    page,
    isDone: rest.length <= numItems,
    continueCursor: `before:${last?._creationTime ?? 0}`,
  };
}
