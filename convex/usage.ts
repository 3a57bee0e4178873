import { v } from "convex/values";
import type { WaitCause } from "#domain/lifecycle.ts";
import { HOLD_MS } from "#domain/ledger.ts";
import { refuse, serviceMutation } from "./functions.ts";
import { answeredCall, askedCall, callAnswered, warnOfBudget } from "./model/call-events.ts";
import { recordApart } from "./model/calls-apart.ts";
import { endHold, endHoldApart, enter, hold, holdOf, payersOf, toReservation } from "./model/credits.ts";
import { endWait } from "./model/approvals.ts";
import { greenCostReached } from "./model/green.ts";
import { loopGate } from "./model/loop-gate.ts";
import { waitForLimit, warnOfLimits } from "./model/limit-events.ts";
import { countSpending } from "./model/monthly-limits.ts";
import { refundLateCall } from "./model/refunds.ts";
import { SessionWriter } from "./model/session-writer.ts";
import { addToDaily } from "./model/usage-daily.ts";
import { callBegins, callBroughtNothing } from "./model/fruitless.ts";
import { reservation } from "./model/returns.ts";
import { answerNote, keySource, madeBy, spent } from "./model/values.ts";

const call = {
  sessionId: v.id("sandboxSessions"),
  requestId: v.string(),
  provider: v.string(),
  model: v.string(),
};

/** What a call no longer has to wait for. */
const MEANS: ReadonlySet<WaitCause | null> = new Set(["budget", "credits", "limit", "provider", "mcp"]);

/**
 * Holds what a model call may cost at most, before it is made. Refused where the balance, the session's cap, or a monthly
 * limit does not allow a useful answer; else it says how much output is allowed. Prices are what will be charged.
 */
export const reserve = serviceMutation({
  args: {
    sessionId: v.id("sandboxSessions"),
    requestId: v.string(),
    /** Who pays for this call: the session's payer when it was made. */
    keySource,
    inputMicroUsd: v.number(),
    maxInputMicroUsd: v.optional(v.number()),
    outputMicroUsdPerMillion: v.number(),
    maxOutputTokens: v.number(),
    /** What the log says of the call, once it may be made. */
    asked: v.optional(askedCall),
  },
  returns: reservation,
  handler: async (ctx, { sessionId, asked, ...estimate }) => {
    const writer = await SessionWriter.open(ctx, sessionId);
    const because = await callBegins(writer);
    if (because !== null) return { ok: false, reason: "fruitless", because } as const;
    const loop = await loopGate(writer);
    if (loop) {
      await writer.save();
      return { ok: false, reason: loop === "asked" ? "loop" : "loop_denied" } as const;
    }
    const decision = await hold(writer, estimate, undefined, asked);
    if (!decision.ok) {
      // Who asks again in a moment waits for nobody, and neither does a run that may not go on.
      if (decision.reason === "run_cap") await greenCostReached(writer);
      else if (decision.reason === "limit") await waitForLimit(writer, decision.reached);
      // A frozen organization's session is about to stop.
      else if (decision.reason !== "held" && decision.reason !== "frozen")
        await writer.wait(decision.reason === "no_credit" ? "credits" : "budget");
    } else if (MEANS.has(writer.session.waitingFor)) await endWait(writer);
    await writer.save();
    return toReservation(decision);
  },
});

/**
 * Counts one model call, once, in place of its hold: a repeated `requestId` changes nothing, and a call whose hold
 * had lapsed is charged all the same. Tokens as the provider reported them; `costMicroUsd` is what is charged.
 */
export const record = serviceMutation({
  args: {
    ...call,
    /** Without it the call is nobody's but that of `by`. */
    sessionId: v.optional(v.id("sandboxSessions")),
    /** Who had it made, where no agent has. */
    by: v.optional(madeBy),
    keySource,
    ...spent,
    /** True where the provider's figures were absent or odd, so that what the call could cost stands in for them. */
    estimated: v.optional(v.boolean()),
    /** True where nobody has set a price: the call's cost is not known, and counts as none. */
    unpriced: v.optional(v.boolean()),
    /** True where the answer brought the agent no further: `recordError` has counted it. */
    fruitless: v.optional(v.boolean()),
    /** What people should know of the answer. */
    note: v.optional(answerNote),
    /** What the agent got: absent where that was no whole answer, or not the agent's. */
    answer: v.optional(answeredCall),
  },
  returns: v.null(),
  handler: async (ctx, { fruitless = false, note, answer, by, ...args }) => {
    const known = await ctx.db
      .query("usageRecords")
      .withIndex("by_request", (q) => q.eq("requestId", args.requestId))
      .unique();
    if (known) return;
    if (args.sessionId === undefined) {
      if (!by) throw refuse("session_not_found");
      return await recordApart(ctx, by, args);
    }
    const writer = await SessionWriter.open(ctx, args.sessionId);
    const held = await holdOf(ctx, args.requestId);
    if (held) await endHold(writer, held, "settled");
    const { session } = writer;
    const fromCredits = args.keySource === "platform";
    if (fromCredits && args.costMicroUsd > 0)
      await enter(ctx, {
        organizationId: session.organizationId,
        key: `call:${args.requestId}`,
        kind: "charge",
        deltaMicroUsd: -args.costMicroUsd,
        description: `${args.provider}/${args.model}`,
        sessionId: session._id,
      });
    // What a person has made beside the runs is no part of one.
    const runId = by ? undefined : session.activeRunId;
    const isCharged = fromCredits && args.costMicroUsd > 0;
    const run = runId && (await ctx.db.get(runId));
    const counted = {
      ...args,
      organizationId: session.organizationId,
      // A call between runs, as for a title, is the session's own.
      userId: by?.userId ?? run?.userId ?? session.userId,
      inMonth: true,
    };
    await ctx.db.insert("usageRecords", {
      ...counted,
      ...(runId && { runId }),
      ...(by && { purpose: by.purpose, ...(by.keyId && { keyId: by.keyId }) }),
      rolledUp: true,
    });
    await addToDaily(ctx, counted, writer.now);
    if (run)
      await ctx.db.patch(run._id, {
        totalInputTokens: run.totalInputTokens + args.inputTokens,
        totalOutputTokens: run.totalOutputTokens + args.outputTokens,
        totalCostMicroUsd: run.totalCostMicroUsd + args.costMicroUsd,
        ...(isCharged && { chargedMicroUsd: (run.chargedMicroUsd ?? 0) + args.costMicroUsd }),
        ...(!fruitless && { fruitlessCalls: undefined, fruitlessReason: undefined }),
      });
    await writer.addToTotals({
      totalInputTokens: args.inputTokens,
      totalCachedTokens: args.cachedTokens,
      totalOutputTokens: args.outputTokens,
      totalCostMicroUsd: args.costMicroUsd,
      totalCreditsConsumed: fromCredits ? args.costMicroUsd : 0,
    });
    if (answer) await callAnswered(writer, args, answer);
    await writer.append(
      {
        type: "usage.recorded",
        source: "studio.gateway",
        ...(runId && { runId }),
        payload: {
          request_id: args.requestId,
          user_id: counted.userId,
          provider: args.provider,
          model: args.model,
          input_tokens: args.inputTokens,
          cached_tokens: args.cachedTokens,
          output_tokens: args.outputTokens,
          cost_micro_usd: args.costMicroUsd,
          ...(args.estimated && { estimated: true }),
          ...(args.unpriced && { unpriced: true }),
        },
      },
      { costMicroUsd: args.costMicroUsd },
    );
    await warnOfBudget(writer, run, args);
    const spending = { costMicroUsd: args.costMicroUsd, held, now: writer.now };
    await warnOfLimits(writer, await countSpending(ctx, payersOf(session, by ?? run), spending));
    if (isCharged && !by && !run && held?.status === "ending")
      await refundLateCall(writer, { ...args, begunAt: held._creationTime });
    if (note)
      await writer.append({
        type: "llm.response.notice",
        source: "studio.gateway",
        ...(runId && { runId }),
        payload: { notice: note, provider: args.provider, model: args.model },
      });
    await writer.save();
  },
});

/** Lets a hold go whose call came to nothing. */
export const release = serviceMutation({
  args: { requestId: v.string() },
  returns: v.null(),
  handler: async (ctx, { requestId }) => {
    const held = await holdOf(ctx, requestId);
    if (held?.status !== "open" && held?.status !== "ending") return;
    if (held.sessionId === undefined) return await endHoldApart(ctx, held, "released");
    const writer = await SessionWriter.open(ctx, held.sessionId);
    await endHold(writer, held, "released");
    await writer.save();
  },
});

/** Makes the holds of calls that are still under way last longer: a server says so for all of its own at once. */
export const renewHolds = serviceMutation({
  args: { requestIds: v.array(v.string()) },
  returns: v.null(),
  handler: async (ctx, { requestIds }) => {
    for (const requestId of requestIds.slice(0, 500)) {
      const held = await holdOf(ctx, requestId);
      if (held?.status === "open" || held?.status === "ending")
        await ctx.db.patch(held._id, { expiresAt: Date.now() + HOLD_MS });
    }
  },
});

/**
 * Logs that a provider refused or could not be reached, so that a person sees why the agent is silent. Where the
 * agent will ask again (`waits`), the run waits on the provider; a refused key is logged once, until it is another's.
 */
export const recordError = serviceMutation({
  args: {
    ...call,
    keySource,
    error: v.string(),
    status: v.number(),
    retryAfterMs: v.optional(v.number()),
    waits: v.boolean(),
    /** True where the call is over and brought the agent no further. */
    fruitless: v.optional(v.boolean()),
  },
  returns: v.null(),
  handler: async (ctx, args) => {
    const writer = await SessionWriter.open(ctx, args.sessionId);
    const { activeRunId: runId, waitingFor, waitDetail } = writer.session;
    // The answer to a call of before somebody else began to pay.
    if (writer.session.keySource !== args.keySource) return;
    const keyRefused = (status?: number) => status === 401 || status === 403;
    if (keyRefused(args.status) && waitingFor === "provider" && keyRefused(waitDetail?.status)) return;
    await writer.append({
      type: "llm.response.error",
      source: "studio.gateway",
      ...(runId && { runId }),
      payload: {
        error: args.error,
        error_code: args.status,
        provider: args.provider,
        model: args.model,
        ...(args.retryAfterMs !== undefined && { retry_after_ms: args.retryAfterMs }),
      },
    });
    if (args.fruitless) await callBroughtNothing(writer, args.error);
    // A question that is open is what the person must see first.
    if (args.waits && runId && waitingFor !== "approval")
      await writer.wait("provider", {
        status: args.status,
        message: args.error,
        retryAt: args.retryAfterMs === undefined ? null : writer.now + args.retryAfterMs,
      });
    await writer.save();
  },
});
