import { v } from "convex/values";
import { isLive } from "#domain/lifecycle.ts";
import { systemMutation } from "./functions.ts";
import { resumeRemovals, stepRemoval } from "./model/removals.ts";
import { endSession } from "./model/runs.ts";
import { SessionWriter } from "./model/session-writer.ts";

/** One step of what is left to do after a membership, a person, or an organization has ended. */
export const step = systemMutation({
  args: { removalId: v.id("removals") },
  returns: v.null(),
  handler: async (ctx, { removalId }) => {
    await stepRemoval(ctx, removalId);
    return null;
  },
});

/** Takes up again what has stood still. */
export const resume = systemMutation({
  args: {},
  returns: v.null(),
  handler: async (ctx) => {
    await resumeRemovals(ctx);
    return null;
  },
});

/** Ends one live session. With `force` its row alone is changed, where its proper end has failed too often. */
export const stopSession = systemMutation({
  args: { sessionId: v.id("sandboxSessions"), message: v.string(), force: v.boolean() },
  returns: v.null(),
  handler: async (ctx, { sessionId, message, force }) => {
    const session = await ctx.db.get(sessionId);
    if (!session || !isLive(session.status)) return null;
    if (force) {
      await ctx.db.patch(sessionId, {
        status: "stopped",
        waitingFor: null,
        deadlineAt: 0,
        stoppedAt: Date.now(),
        cleanupPending: session.sandboxId !== undefined,
      });
      return null;
    }
    const writer = await SessionWriter.open(ctx, session);
    await endSession(writer, "stopped", { reason: message, ending: { status: "cancelled", message } });
    await writer.save();
    return null;
  },
});
