import { paginationOptsValidator, paginationResultValidator } from "convex/server";
import { v } from "convex/values";
import { CHECKPOINT_CAUSES } from "#domain/checkpoints.ts";
import { isLive } from "#domain/lifecycle.ts";
import type { Doc } from "./_generated/dataModel";
import { orgMutation, orgQuery, refuse } from "./functions.ts";
import { demandSave } from "./model/checkpoints.ts";
import { SessionWriter } from "./model/session-writer.ts";
import { mayDrive, sessionOf } from "./model/sessions.ts";
import { literals } from "./model/zod-validator.ts";

const listed = v.object({
  id: v.id("checkpoints"),
  seq: v.number(),
  /** The turn whose end it shows: null where it is before the first, or where a turn was at work. */
  runId: v.nullable(v.id("runs")),
  /** Whether it is between turns, so that the conversation can go back to it, too. */
  betweenTurns: v.boolean(),
  cause: literals(CHECKPOINT_CAUSES),
  createdAt: v.number(),
  verifiedAt: v.number(),
  files: v.number(),
  sizeBytes: v.number(),
  storedBytes: v.number(),
  leftOut: v.number(),
});

const toListed = (row: Doc<"checkpoints">) => ({
  id: row._id,
  seq: row.seq,
  runId: row.turn ?? null,
  betweenTurns: row.turn !== undefined && row.turnSeq !== undefined,
  cause: row.cause,
  createdAt: row.startedAt,
  verifiedAt: row.verifiedAt ?? row.startedAt,
  files: row.files,
  sizeBytes: row.workspaceBytes,
  storedBytes: row.bytes,
  leftOut: row.leftOutCount,
});

/** A session's verified checkpoints, the latest first. */
export const list = orgQuery({
  min: "viewer",
  scope: "sessions:read",
  args: { sessionId: v.string(), paginationOpts: paginationOptsValidator },
  returns: paginationResultValidator(listed),
  handler: async (ctx, { sessionId, paginationOpts }) => {
    const { _id } = await sessionOf(ctx, ctx.caller, sessionId);
    const found = await ctx.db
      .query("checkpoints")
      .withIndex("by_session_chain", (q) => q.eq("sessionId", _id).eq("status", "verified"))
      .order("desc")
      .paginate(paginationOpts);
    // What a branch's beginning leans on is the other session's past.
    const own = found.page.filter(({ origin }) => origin?.isStart !== false);
    return { ...found, page: own.map(toListed) };
  },
});

/**
 * A person wants a session saved now. While a turn is at work it is not: what it leaves half-done is saved at its end.
 * @throws session_stopped | not_ready | turn_running
 */
export const request = orgMutation({
  min: "member",
  scope: "sessions:write",
  audit: "entry",
  args: { sessionId: v.string() },
  returns: v.id("sandboxSessions"),
  handler: async (ctx, { sessionId }) => {
    const session = await sessionOf(ctx, ctx.caller, sessionId);
    mayDrive(ctx.caller, session);
    if (!isLive(session.status)) throw refuse("session_ended");
    if (session.status === "provisioning") throw refuse("session_not_ready");
    if (session.status === "active") throw refuse("save_in_turn");
    const writer = await SessionWriter.open(ctx, session);
    await demandSave(ctx, writer.session, "asked");
    await ctx.report({ action: "session.saved", target: session._id });
    return session._id;
  },
});
