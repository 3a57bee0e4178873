import { v } from "convex/values";
import { orgMutation, systemMutation } from "./functions.ts";
import { deleteSession, purgeStep } from "./model/deletion.ts";
import { mayKeep, sessionOf } from "./model/sessions.ts";

/**
 * Deletes a session, live or not: nobody finds it from then on, and what is left of it goes within a day.
 * @returns what was there of it, and the sandbox that the server ends
 */
export const remove = orgMutation({
  min: "member",
  scope: "sessions:write",
  audit: "entry",
  args: { sessionId: v.string() },
  returns: v.object({
    sessionId: v.id("sandboxSessions"),
    sandboxId: v.nullable(v.string()),
    events: v.number(),
    checkpoints: v.number(),
    savedBytes: v.number(),
  }),
  handler: async (ctx, args) => {
    const session = await sessionOf(ctx, ctx.caller, args.sessionId);
    mayKeep(ctx.caller, session);
    const deleted = await deleteSession(ctx, session, ctx.caller.user._id);
    await ctx.report({
      action: "session.deleted",
      target: session._id,
      before: {
        status: session.status,
        events: deleted.events,
        checkpoints: deleted.checkpoints,
        saved_bytes: deleted.savedBytes,
      },
    });
    return { sessionId: session._id, sandboxId: session.sandboxId ?? null, ...deleted };
  },
});

/** One bounded step of what a deletion leaves to be removed. */
export const purge = systemMutation({
  args: { sessionId: v.id("sandboxSessions") },
  returns: v.null(),
  handler: async (ctx, { sessionId }) => {
    await purgeStep(ctx, sessionId);
    return null;
  },
});
