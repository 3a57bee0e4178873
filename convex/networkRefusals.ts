import { v } from "convex/values";
import { isLive } from "#domain/lifecycle.ts";
import { MAX_REFUSED_HOSTS } from "#domain/network.ts";
import { serviceMutation } from "./functions.ts";
import { freshRefusals, refusedHost } from "./model/network.ts";
import { SessionWriter } from "./model/session-writer.ts";

/**
 * Notes what a session's sandbox was refused. Each destination is logged once in a session, and a hundred of them at
 * most, whatever code in the sandbox tries.
 */
export const record = serviceMutation({
  args: {
    sessionId: v.string(),
    sandboxId: v.string(),
    refused: v.array(refusedHost),
  },
  returns: v.null(),
  handler: async (ctx, { sessionId, sandboxId, refused }) => {
    const id = ctx.db.normalizeId("sandboxSessions", sessionId);
    const session = id && (await ctx.db.get(id));
    if (!session || session.sandboxId !== sandboxId || !isLive(session.status)) return;
    const known = await ctx.db
      .query("networkRefusals")
      .withIndex("by_session_host", (q) => q.eq("sessionId", session._id))
      .take(MAX_REFUSED_HOSTS);
    const fresh = freshRefusals(known, refused, MAX_REFUSED_HOSTS);
    if (fresh.length === 0) return;
    const writer = await SessionWriter.open(ctx, session);
    const { organizationId, activeRunId } = session;
    for (const { host, port, reason } of fresh) {
      await ctx.db.insert("networkRefusals", { organizationId, sessionId: session._id, host, port, reason });
      await writer.append({
        type: "network.refused",
        source: "studio.network",
        payload: { host, port, reason },
        ...(activeRunId && { runId: activeRunId }),
      });
    }
    await writer.save();
  },
});
