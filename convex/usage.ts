import { v } from "convex/values";
import { serviceMutation } from "./functions.ts";
import { SessionWriter } from "./model/session-writer.ts";

const call = {
  sessionId: v.id("sandboxSessions"),
  requestId: v.string(),
  provider: v.string(),
  model: v.string(),
};

/** Counts one model call, once: a repeated `requestId` changes nothing. Tokens as the provider reported them. */
export const record = serviceMutation({
  args: {
    ...call,
    inputTokens: v.number(),
    cachedTokens: v.number(),
    outputTokens: v.number(),
    costMicroUsd: v.number(),
  },
  handler: async (ctx, args) => {
    const known = await ctx.db
      .query("usageRecords")
      .withIndex("by_request", (q) => q.eq("requestId", args.requestId))
      .unique();
    if (known) return;
    const writer = await SessionWriter.open(ctx, args.sessionId);
    const { session } = writer;
    const runId = session.activeRunId;
    await ctx.db.insert("usageRecords", {
      ...args,
      organizationId: session.organizationId,
      keySource: session.keySource,
      ...(runId && { runId }),
    });
    const run = runId && (await ctx.db.get(runId));
    if (run)
      await ctx.db.patch(run._id, {
        totalInputTokens: run.totalInputTokens + args.inputTokens,
        totalOutputTokens: run.totalOutputTokens + args.outputTokens,
        totalCostMicroUsd: run.totalCostMicroUsd + args.costMicroUsd,
      });
    writer.patch({
      totalInputTokens: session.totalInputTokens + args.inputTokens,
      totalCachedTokens: session.totalCachedTokens + args.cachedTokens,
      totalOutputTokens: session.totalOutputTokens + args.outputTokens,
      totalCostMicroUsd: session.totalCostMicroUsd + args.costMicroUsd,
    });
    await writer.append(
      {
        type: "usage.recorded",
        source: "studio.gateway",
        ...(runId && { runId }),
        payload: {
          request_id: args.requestId,
          provider: args.provider,
          model: args.model,
          input_tokens: args.inputTokens,
          cached_tokens: args.cachedTokens,
          output_tokens: args.outputTokens,
          cost_micro_usd: args.costMicroUsd,
        },
      },
      args.costMicroUsd,
    );
    await writer.save();
  },
});

/** Logs that a provider refused or could not be reached, so that a person sees why the agent is silent. */
export const recordError = serviceMutation({
  args: { ...call, error: v.string(), status: v.number(), retryAfterMs: v.optional(v.number()) },
  handler: async (ctx, args) => {
    const writer = await SessionWriter.open(ctx, args.sessionId);
    const runId = writer.session.activeRunId;
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
    await writer.save();
  },
});
