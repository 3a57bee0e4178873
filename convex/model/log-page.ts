import { v } from "convex/values";
import { type EventFilter, hasText, hasType } from "#domain/event-filter.ts";
import { MAX_EVENTS_PAGE } from "#domain/limits.ts";
import type { Doc, Id } from "../_generated/dataModel";
import type { QueryCtx } from "../_generated/server";
import { toWire } from "./events.ts";
import { takeUpTo } from "./paging.ts";
import { Names } from "./people.ts";
import { wireEvent } from "./returns.ts";
import { importedWire } from "./session-imports.ts";
import { streamOf } from "./sessions.ts";

/** `last`: the `seq` up to which was read, whether or not the filter left it out. */
export const logPage = v.object({ events: v.array(wireEvent), last: v.number(), isDone: v.boolean() });

/** A page of a session's log, in order, from behind `after`; what the filter leaves of it. The caller has checked who asks. */
export async function pageOfLog(
  ctx: QueryCtx,
  sessionId: Id<"sandboxSessions">,
  { after, limit, ...wanted }: { after: number; limit: number } & EventFilter,
) {
  const { seq, isImported } = await streamOf(ctx, sessionId);
  const end = Math.min(wanted.until ?? seq, seq);
  const isNarrowed = wanted.types !== undefined || wanted.text !== undefined;
  const rows: AsyncIterable<Doc<"sessionEvents"> | Doc<"importedEvents">> = isImported
    ? ctx.db
        .query("importedEvents")
        .withIndex("by_session_seq", (q) =>
          q.eq("sessionId", sessionId).gt("seq", Math.max(after, 0)).lte("seq", end),
        )
    : ctx.db
        .query("sessionEvents")
        .withIndex("by_session_seq", (q) => q.eq("sessionId", sessionId).gt("seq", after).lte("seq", end));
  const read = await takeUpTo(rows, {
    rows: isNarrowed ? MAX_EVENTS_PAGE : Math.min(limit, MAX_EVENTS_PAGE),
  });
  const names = new Names(ctx);
  const found = [];
  for (const row of read) {
    if (!hasType(row.type, wanted)) continue;
    const event = "text" in row ? importedWire(row) : await toWire(row, names);
    if (wanted.text !== undefined && !hasText({ ...event, payload: JSON.parse(event.payload) }, wanted))
      continue;
    found.push(event);
    // One more tells that there is more.
    if (found.length > limit) break;
  }
  const events = found.slice(0, limit);
  const last = (found.length > limit ? events : read).at(-1)?.seq ?? Math.max(after, end);
  return { events, last, isDone: last >= end };
}
