import { getConvexSize, v } from "convex/values";
import { isLive } from "#domain/lifecycle.ts";
import type { Doc, Id } from "../_generated/dataModel";
import type { QueryCtx } from "../_generated/server";
import { takeUpTo } from "./paging.ts";
import { dueForRetention, LOOKED_AT } from "./retention.ts";

/** Sessions that are counted, and checkpoints of all of them: each is a read or two of its own. */
const MAX_SESSIONS = 200;
const MAX_CHECKPOINTS = 500;
const SESSION_BYTES = 2 * 1024 * 1024;
/** Each checkpoint is read again with those that share its bytes. */
const CHECKPOINT_BYTES = 1024 * 1024;

/** What retention would remove. With `isMore` there is more than was counted, and each number is the least. */
export const retentionPreview = v.object({
  asOf: v.number(),
  sessions: v.number(),
  events: v.number(),
  checkpoints: v.number(),
  /** Of checkpoints that no other session shares. */
  bytes: v.number(),
  isMore: v.boolean(),
  /** Last activity of those that would go, the longest ago and the latest; null where none would. */
  oldestAt: v.nullable(v.number()),
  newestAt: v.nullable(v.number()),
});

type Session = Doc<"sandboxSessions">;

/** As `retentionStep` has it: ended ones. Those that a person deleted go anyway. */
const goes = ({ status, deletedAt }: Session): boolean => !isLive(status) && deletedAt === undefined;

/** Checkpoints of a session, as far as there is room for them. */
async function checkpointsOf(
  ctx: QueryCtx,
  sessionId: Id<"sandboxSessions">,
  room: { rows: number; bytes: number },
): Promise<Doc<"checkpoints">[]> {
  return await takeUpTo(
    ctx.db
      .query("checkpoints")
      .withIndex("by_session_chain", (q) => q.eq("sessionId", sessionId).eq("status", "verified")),
    room,
  );
}

/** Whether a session's branch, or what it is a branch of, names the same stored bytes. */
async function isShared(ctx: QueryCtx, { storedAs }: Doc<"checkpoints">): Promise<boolean> {
  const named = await ctx.db
    .query("checkpoints")
    .withIndex("by_stored", (q) => q.eq("storedAs", storedAs))
    .take(2);
  return named.length > 1;
}

/** What would go now if logs were kept for so many milliseconds after a session's last activity. */
export async function previewRetention(
  ctx: QueryCtx,
  organizationId: Id<"organizations">,
  keptMs: number,
): Promise<typeof retentionPreview.type> {
  const asOf = Date.now();
  const due = () => dueForRetention(ctx, organizationId, asOf - keptMs);
  const looked = await takeUpTo(due(), { rows: MAX_SESSIONS, bytes: SESSION_BYTES });
  const sessions = looked.filter(goes);
  const latest = await takeUpTo(due().order("desc"), { rows: LOOKED_AT, bytes: SESSION_BYTES });
  const newest = latest.find(goes);
  const found = { asOf, sessions: sessions.length, events: 0, checkpoints: 0, bytes: 0 };
  const last = looked.at(-1);
  const first = latest[0];
  const isMore = last !== undefined && first !== undefined && first._id !== last._id;
  const room = { rows: MAX_CHECKPOINTS, bytes: CHECKPOINT_BYTES };
  const isFull = () => room.rows < 1 || room.bytes < 1;
  for (const { _id } of sessions) {
    const stream = await ctx.db
      .query("sessionStreams")
      .withIndex("by_session", (q) => q.eq("sessionId", _id))
      .unique();
    found.events += stream?.seq ?? 0;
    if (isFull()) continue;
    for (const row of await checkpointsOf(ctx, _id, room)) {
      room.rows -= 1;
      room.bytes -= getConvexSize(row);
      found.checkpoints += 1;
      if (!(await isShared(ctx, row))) found.bytes += row.bytes;
    }
  }
  return {
    ...found,
    isMore: isMore || isFull(),
    oldestAt: sessions[0]?.lastActivityAt ?? newest?.lastActivityAt ?? null,
    newestAt: newest?.lastActivityAt ?? sessions.at(-1)?.lastActivityAt ?? null,
  };
}
