import { v } from "convex/values";
import { LIMITS } from "#domain/limits.ts";
import { actorMutation } from "./functions.ts";
import { hold, holdApart, toReservation } from "./model/credits.ts";
import { warnOfLimits } from "./model/limit-events.ts";
import { limitReached } from "./model/monthly-limits.ts";
import { reservation } from "./model/returns.ts";
import { SessionWriter } from "./model/session-writer.ts";
import { mayDrive, sessionOf } from "./model/sessions.ts";
import { callPurpose, keySource } from "./model/values.ts";

const money = LIMITS.moment;

/**
 * Holds what a model call may cost at most that a person has made, before it is made. With a session it counts against
 * that one's cap, beside its runs; without, against `capMicroUsd` alone. `usage.record` counts what it has cost.
 * @throws not_found | forbidden
 */
export const reserve = actorMutation({
  min: "member",
  scope: "sessions:write",
  audit: { none: "The call's usage record says who had it made, with which key, and what it cost." },
  bounds: {
    requestId: LIMITS.requestKey,
    inputMicroUsd: money,
    maxInputMicroUsd: money,
    outputMicroUsdPerMillion: money,
    maxOutputTokens: money,
    capMicroUsd: LIMITS.budgetCap,
  },
  args: {
    sessionId: v.optional(v.string()),
    purpose: callPurpose,
    requestId: v.string(),
    /** Who pays for this call. */
    keySource,
    inputMicroUsd: v.number(),
    maxInputMicroUsd: v.number(),
    outputMicroUsdPerMillion: v.number(),
    maxOutputTokens: v.number(),
    /** What it may cost at most. */
    capMicroUsd: v.optional(v.number()),
  },
  returns: reservation,
  handler: async (ctx, { sessionId, purpose, capMicroUsd, ...call }) => {
    const { organizationId, user, key } = ctx.caller;
    const by = { organizationId, userId: user._id, purpose, ...(key && { keyId: key._id }) };
    if (sessionId === undefined) {
      const decision = await holdApart(ctx, by, call, capMicroUsd);
      if (!decision.ok && decision.reason === "limit") await limitReached(ctx, decision.reached);
      return toReservation(decision);
    }
    const session = await sessionOf(ctx, ctx.caller, sessionId);
    mayDrive(ctx.caller, session);
    const writer = await SessionWriter.open(ctx, session);
    const decision = await hold(writer, call, by);
    if (!decision.ok && decision.reason === "limit") {
      const news = await limitReached(ctx, decision.reached);
      await warnOfLimits(writer, news ? [news] : []);
    }
    await writer.save();
    return toReservation(decision);
  },
});
