import { v } from "convex/values";
import { LIMITS } from "#domain/limits.ts";
import { PERSON } from "#domain/event-people.ts";
import { isLive } from "#domain/lifecycle.ts";
import { actorMutation, refuse } from "./functions.ts";
import { SessionWriter } from "./model/session-writer.ts";
import { mayDrive, sessionOf } from "./model/sessions.ts";

/** Says in a session's log that a person saved a file of its workspace: the server that did it says so, and nobody else. */
export const changed = actorMutation({
  min: "member",
  scope: "sessions:write",
  audit: "session-log",
  bounds: {
    path: LIMITS.workspacePath,
    diff: {
      kind: "fields",
      fields: { path: LIMITS.workspacePath, old_text: LIMITS.diffText, new_text: LIMITS.diffText },
    },
  },
  args: {
    sessionId: v.string(),
    path: v.string(),
    diff: v.optional(
      v.object({ path: v.string(), old_text: v.union(v.string(), v.null()), new_text: v.string() }),
    ),
  },
  returns: v.null(),
  handler: async (ctx, { sessionId, path, diff }) => {
    const session = await sessionOf(ctx, ctx.caller, sessionId);
    mayDrive(ctx.caller, session);
    if (!isLive(session.status)) throw refuse("session_ended");
    const writer = await SessionWriter.open(ctx, session);
    await writer.append(
      {
        type: "file.changed",
        source: "ui.user",
        payload: { path, changed_by: PERSON, ...(diff && { diff }) },
      },
      { personId: ctx.caller.user._id },
    );
    await writer.save();
    return null;
  },
});

/** Says in a session's log that a person ended what a command had left running; the server that did it says so. */
export const processEnded = actorMutation({
  min: "member",
  scope: "sessions:write",
  audit: "session-log",
  bounds: { pid: LIMITS.pid, command: LIMITS.processCommand },
  args: { sessionId: v.string(), pid: v.number(), command: v.string() },
  returns: v.null(),
  handler: async (ctx, { sessionId, pid, command }) => {
    const session = await sessionOf(ctx, ctx.caller, sessionId);
    mayDrive(ctx.caller, session);
    if (!isLive(session.status)) throw refuse("session_ended");
    const writer = await SessionWriter.open(ctx, session);
    await writer.append(
      { type: "process.ended", source: "ui.user", payload: { pid, command, ended_by: PERSON } },
      { personId: ctx.caller.user._id },
    );
    await writer.save();
    return null;
  },
});
