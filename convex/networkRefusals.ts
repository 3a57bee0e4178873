import { v } from "convex/values";
import { isLive } from "#domain/lifecycle.ts";
import { MAX_HOST_CHARS, MAX_REFUSED_HOSTS, REFUSAL_REASONS } from "#domain/network.ts";
import { serviceMutation } from "./functions.ts";
import { SessionWriter } from "./model/session-writer.ts";
import { literals } from "./model/zod-validator.ts";

/** What a name can be made of; what a sandbox has made up otherwise is not repeated. */
const NAME = /^[a-z0-9._:[\]-]+$/;

/**
 * Notes what a session's sandbox was refused. Each destination is logged once in a session, and a hundred of them at
 * most, whatever code in the sandbox tries.
 */
export const record = serviceMutation({
  args: {
    sessionId: v.string(),
    sandboxId: v.string(),
    refused: v.array(v.object({ host: v.string(), port: v.number(), reason: literals(REFUSAL_REASONS) })),
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
    const seen = new Set(known.map(({ host, port }) => `${host} ${port}`));
    const fresh = refused.filter(({ host, port }) => {
      const key = `${host} ${port}`;
      const isNew = seen.size < MAX_REFUSED_HOSTS && !seen.has(key);
      if (!isNew || host.length > MAX_HOST_CHARS || !NAME.test(host)) return false;
      seen.add(key);
      return true;
    });
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
