import { v } from "convex/values";
import { isLive } from "#domain/lifecycle.ts";
import { LIMITS } from "#domain/limits.ts";
import { operatorMutation, refuse } from "./functions.ts";
import { reasonOf } from "./model/operator-audit.ts";
import { endSession } from "./model/runs.ts";
import { SessionWriter } from "./model/session-writer.ts";

/**
 * Ends a live session on an operator's word, as its own people can: its sandbox goes once its work is saved.
 * @throws not_found | invalid_request | session_stopped
 */
export const end = operatorMutation({
  bounds: { reason: LIMITS.operatorReason },
  args: { sessionId: v.string(), reason: v.string() },
  returns: v.null(),
  handler: async (ctx, { sessionId, reason: given }) => {
    const id = ctx.db.normalizeId("sandboxSessions", sessionId);
    const session = id && (await ctx.db.get(id));
    const organization = session && (await ctx.db.get(session.organizationId));
    if (!organization || organization.deletedAt !== undefined || session.deletedAt !== undefined)
      throw refuse("session_not_found");
    const reason = reasonOf(given);
    if (!isLive(session.status)) throw refuse("operator_session_ended");
    const writer = await SessionWriter.open(ctx, session);
    const message = `The operator stopped the session: ${reason}`;
    await endSession(writer, "stopped", { reason: message, ending: { status: "cancelled", message } });
    await writer.save();
    await ctx.act({
      action: "end_session",
      organization,
      reason,
      target: session._id,
      told: "session.ended",
    });
    return null;
  },
});
