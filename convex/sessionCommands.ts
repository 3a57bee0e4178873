import { v } from "convex/values";
import { turnSave, waitsForSave } from "#domain/turn-saves.ts";
import type { Doc } from "./_generated/dataModel";
import { serviceMutation, serviceQuery } from "./functions.ts";
import { saveOf } from "./model/checkpoints.ts";
import { checkLease } from "./model/leases.ts";
import { streamOf } from "./model/sessions.ts";
import { command, sessionStatus } from "./model/values.ts";

const queued = {
  id: v.id("sessionCommands"),
  command,
  /** Epoch milliseconds. */
  createdAt: v.number(),
  traceparent: v.optional(v.string()),
};

const toQueued = ({ _id, _creationTime, command, traceparent }: Doc<"sessionCommands">) => ({
  id: _id,
  command,
  createdAt: _creationTime,
  ...(traceparent !== undefined && { traceparent }),
});

/** What the agent must still be told, in order, and whether the session still lives: a server follows this live. */
export const inbox = serviceQuery({
  args: { sessionId: v.id("sandboxSessions") },
  returns: v.object({
    cancelRequestedAt: v.nullable(v.number()),
    status: sessionStatus,
    activeRunId: v.nullable(v.id("runs")),
    activeRpcId: v.nullable(v.string()),
    restart: v.boolean(),
    rewind: v.boolean(),
    unsaved: v.boolean(),
    queued: v.array(v.object(queued)),
    sending: v.array(v.object({ ...queued, generation: v.number() })),
  }),
  handler: async (ctx, { sessionId }) => {
    const session = await ctx.db.get(sessionId);
    const rows = async (status: "queued" | "sending") =>
      await ctx.db
        .query("sessionCommands")
        .withIndex("by_session_status", (q) => q.eq("sessionId", sessionId).eq("status", status))
        .take(20);
    const running = session?.activeRunId && (await ctx.db.get(session.activeRunId));
    return {
      /** When a person asked for the end of the run; null where nobody has. */
      cancelRequestedAt: running ? (running.cancelRequestedAt ?? null) : null,
      status: session?.status ?? "stopped",
      activeRunId: session?.activeRunId ?? null,
      /** The id of the running prompt as JSON-RPC, by which its answer is known. */
      activeRpcId: running ? running.rpcId : null,
      /** True where the agent must be restarted before anything else. */
      restart: session?.agentRestart !== undefined,
      /** True where the session goes back before anything else. */
      rewind: session?.rewindId !== undefined,
      /** True while how the last turn has ended, what was there before the first, or later work by hand is not saved. */
      unsaved: session !== null && waitsForSave(turnSave(session, await saveOf(ctx, sessionId))),
      queued: (await rows("queued")).map(toQueued),
      sending: (await rows("sending")).map((row) => ({ ...toQueued(row), generation: row.generation ?? 0 })),
    };
  },
});

/**
 * Marks a command before it is posted, so that no other server ever sends it a second time. Answers false where
 * another one was to send it; whoever marked it asks again where the first answer was lost.
 */
export const markSending = serviceMutation({
  args: { commandId: v.id("sessionCommands"), generation: v.number() },
  returns: v.boolean(),
  handler: async (ctx, { commandId, generation }) => {
    const row = await ctx.db.get(commandId);
    if (!row || row.status === "done") return false;
    checkLease(await streamOf(ctx, row.sessionId), generation);
    if (row.status === "sending") return row.generation === generation;
    await ctx.db.patch(commandId, { status: "sending", generation });
    return true;
  },
});

/** The agent server has taken the command. */
export const markDone = serviceMutation({
  args: { commandId: v.id("sessionCommands") },
  returns: v.null(),
  handler: async (ctx, { commandId }) => {
    // A late word of one that is done, and removed.
    if (await ctx.db.get(commandId)) await ctx.db.patch(commandId, { status: "done" });
  },
});
