import { v } from "convex/values";
import type { Doc } from "./_generated/dataModel";
import { orgMutation, orgQuery } from "./functions.ts";
import { acceptMessage } from "./model/runs.ts";
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
