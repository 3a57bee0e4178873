import { v } from "convex/values";
import { isLive } from "#domain/lifecycle.ts";
import { OPERATOR_LIMITS } from "#domain/operator.ts";
import type { Doc } from "./_generated/dataModel";
import type { MutationCtx, QueryCtx } from "./_generated/server";
import { operatorMutation, refuse, serviceQuery } from "./functions.ts";
import { reasonOf } from "./model/operator-audit.ts";
import { endSession } from "./model/runs.ts";
import { SessionWriter } from "./model/session-writer.ts";

/** A live session of whichever organization. @throws not_found | session_stopped */
async function liveSession(
  ctx: QueryCtx | MutationCtx,
  sessionId: string,
): Promise<{ session: Doc<"sandboxSessions">; organization: Doc<"organizations"> }> {
  const id = ctx.db.normalizeId("sandboxSessions", sessionId);
  const session = id && (await ctx.db.get(id));
  const organization = session && (await ctx.db.get(session.organizationId));
  if (!organization || organization.deletedAt !== undefined || session.deletedAt !== undefined)
    throw refuse("session_not_found");
  if (!isLive(session.status)) throw refuse("operator_session_ended");
  return { session, organization };
}

/** What a server needs to save a live session before an operator ends it. @throws not_found | session_stopped */
export const toEnd = serviceQuery({
  args: { sessionId: v.string() },
  returns: v.object({ sessionId: v.id("sandboxSessions"), sandboxId: v.nullable(v.string()) }),
  handler: async (ctx, { sessionId }) => {
    const { session } = await liveSession(ctx, sessionId);
    return { sessionId: session._id, sandboxId: session.sandboxId ?? null };
  },
});

/**
 * Ends a live session on an operator's word, as its own people can. The caller has saved its work.
 * @throws not_found | invalid_request | session_stopped
 */
export const end = operatorMutation({
  bounds: { reason: OPERATOR_LIMITS.reason },
  args: { sessionId: v.string(), reason: v.string() },
  returns: v.null(),
  handler: async (ctx, { sessionId, reason: given }) => {
    const { session, organization } = await liveSession(ctx, sessionId);
    const reason = reasonOf(given);
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
