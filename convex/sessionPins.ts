import { v } from "convex/values";
import { orgQuery } from "./functions.ts";
import { pinnedAgentOf } from "./model/agents.ts";
import { madeNow, sandboxMade } from "./model/session-made.ts";
import { pinsNow, pinsOf, sessionPin } from "./model/session-pins.ts";
import { sessionOf } from "./model/sessions.ts";

/**
 * What a session began with, and what it would begin with now, with its agent as it keeps it. Null for a session from
 * before that was kept.
 */
export const ofSession = orgQuery({
  min: "viewer",
  scope: "sessions:read",
  args: { sessionId: v.string() },
  returns: v.nullable(
    v.object({
      at: v.number(),
      began: v.object(sessionPin),
      now: v.object(sessionPin),
      made: v.nullable(sandboxMade),
      /** Of new ones, as the organization's latest sessions tell. */
      madeNow: v.nullable(sandboxMade),
      /** The session that it repeats. */
      repeats: v.nullable(v.string()),
    }),
  ),
  handler: async (ctx, { sessionId }) => {
    const session = await sessionOf(ctx, ctx.caller, sessionId);
    const row = await pinsOf(ctx, session._id);
    if (!row) return null;
    const { at, prices, skills, rules, rulesCount, rulesDigest } = row;
    return {
      at,
      began: { prices, skills, rules, rulesCount, rulesDigest },
      now: await pinsNow(ctx, session, await pinnedAgentOf(ctx, session._id)),
      made: row.made ?? null,
      madeNow: await madeNow(ctx, session),
      repeats: row.fixed?.ofSessionId ?? null,
    };
  },
});
