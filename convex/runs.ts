import { v } from "convex/values";
import type { Doc } from "./_generated/dataModel";
import { orgMutation, orgQuery, refuse } from "./functions.ts";
import { acceptMessage, cancelRun } from "./model/runs.ts";
import { SessionWriter } from "./model/session-writer.ts";
import { mayDrive, runOf, sessionOf } from "./model/sessions.ts";

/** Sends a message: a run starts, or waits behind the one that is going. `rpcId` is a UUID that names its prompt. */
export const start = orgMutation({
  min: "member",
  scope: "sessions:write",
  args: { sessionId: v.string(), message: v.string(), rpcId: v.string() },
  handler: async (ctx, { sessionId, message, rpcId }) => {
    const session = await sessionOf(ctx, ctx.caller, sessionId);
    mayDrive(ctx.caller, session);
    const writer = await SessionWriter.open(ctx, session);
    const runId = await acceptMessage(writer, ctx.caller, { message, rpcId });
    await writer.save();
    return { runId, sessionId: session._id };
  },
});

export const get = orgQuery({
  min: "viewer",
  scope: "sessions:read",
  args: { runId: v.string() },
  handler: async (ctx, { runId }): Promise<Doc<"runs">> => await runOf(ctx, ctx.caller, runId),
});

/** Stops a session's running run, or the one that is named. The session stays. */
export const cancel = orgMutation({
  min: "member",
  scope: "sessions:write",
  args: { sessionId: v.string(), runId: v.optional(v.string()) },
  handler: async (ctx, args) => {
    const session = await sessionOf(ctx, ctx.caller, args.sessionId);
    mayDrive(ctx.caller, session);
    const runId = args.runId ?? session.activeRunId;
    if (!runId) return { sessionId: session._id, runId: null };
    const run = await runOf(ctx, ctx.caller, runId);
    if (run.sessionId !== session._id) throw refuse("not_found", "There is no such run in this session.");
    const writer = await SessionWriter.open(ctx, session);
    await cancelRun(writer, run, ctx.caller.user.name);
    await writer.save();
    return { sessionId: session._id, runId: run._id };
  },
});
