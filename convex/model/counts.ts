import { v } from "convex/values";
import type { Id } from "../_generated/dataModel";
import type { QueryCtx } from "../_generated/server";
import { takeUpTo } from "./paging.ts";
import { sessionCounts } from "./returns.ts";
import { streamOf } from "./sessions.ts";

/** All that was counted; of a session from before it was, what its runs tell. */
export const countsOrSome = v.union(sessionCounts, v.object({ messages: v.number(), runs: v.number() }));

/** Runs that are looked at of a session from before its log was counted. */
const LOOKED_AT = { rows: 200, bytes: 128 * 1024 };

/** What a session's log has had, and its last `seq`. */
export async function countsOf(
  ctx: QueryCtx,
  sessionId: Id<"sandboxSessions">,
): Promise<{ counts: typeof countsOrSome.type; seq: number }> {
  const { counts, seq } = await streamOf(ctx, sessionId);
  if (counts) return { counts, seq };
  const runs = await takeUpTo(
    ctx.db.query("runs").withIndex("by_session", (q) => q.eq("sessionId", sessionId)),
    LOOKED_AT,
  );
  const answered = runs.filter(({ output }) => output !== undefined && output !== "").length;
  return { counts: { messages: runs.length + answered, runs: runs.length }, seq };
}
