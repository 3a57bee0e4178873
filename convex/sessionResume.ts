import { v } from "convex/values";
import { orgMutation } from "./functions.ts";
import { resumeSession } from "./model/resume.ts";
import { session as sessionValue } from "./model/returns.ts";
import { SessionWriter } from "./model/session-writer.ts";
import { mayDrive, sessionOf, toSession } from "./model/sessions.ts";

/** Has a session that has ended go on from what was saved, in another sandbox. Of a live one nothing changes. */
export const start = orgMutation({
  min: "member",
  scope: "sessions:write",
  audit: "session-log",
  args: { sessionId: v.string() },
  returns: sessionValue,
  handler: async (ctx, { sessionId }) => {
    const session = await sessionOf(ctx, ctx.caller, sessionId);
    mayDrive(ctx.caller, session);
    const writer = await SessionWriter.open(ctx, session);
    if (await resumeSession(writer, ctx.caller.user._id)) await writer.save();
    return await toSession(ctx, writer.session);
  },
});
