import { v } from "convex/values";
import { PERSON } from "#domain/event-people.ts";
import { isLive } from "#domain/lifecycle.ts";
import { actorMutation, refuse } from "./functions.ts";
import { SessionWriter } from "./model/session-writer.ts";
import { mayDrive, sessionOf, toSession } from "./model/sessions.ts";
import { session as sessionValue } from "./model/returns.ts";
import { keySource } from "./model/values.ts";

/**
 * Lets another pay for a session whose key its provider has refused. Nothing else changes the payer, and nobody but a
 * person does. The server has looked that this one can; `restart` says whether the agent must be restarted for it.
 * @throws session_stopped | not_waiting
 */
export const change = actorMutation({
  min: "member",
  scope: "sessions:write",
  audit: "session-log",
  args: { sessionId: v.string(), keySource, restart: v.boolean() },
  returns: sessionValue,
  handler: async (ctx, args) => {
    const session = await sessionOf(ctx, ctx.caller, args.sessionId);
    mayDrive(ctx.caller, session);
    if (!isLive(session.status)) throw refuse("session_ended");
    if (session.keySource === args.keySource) return await toSession(ctx, session);
    const status = session.waitDetail?.status;
    if (session.waitingFor !== "provider" || (status !== 401 && status !== 403))
      throw refuse("payer_not_wanted");
    const writer = await SessionWriter.open(ctx, session);
    writer.patch({ keySource: args.keySource, ...(args.restart && { agentRestart: "payer" as const }) });
    await writer.append(
      {
        type: "session.payer_changed",
        source: "ui.user",
        // It is a part of the run that waits, which has not ended for it.
        ...(session.activeRunId && { runId: session.activeRunId }),
        payload: {
          key_source: args.keySource,
          previous: session.keySource,
          changed_by: PERSON,
          restart: args.restart,
        },
      },
      { personId: ctx.caller.user._id },
    );
    await writer.wait(args.restart ? "agent-start" : null);
    await writer.save();
    return await toSession(ctx, writer.session);
  },
});
