import type { Infer } from "convex/values";
import type { Doc } from "../_generated/dataModel";
import type { MutationCtx } from "../_generated/server";
import { endHoldApart, enter, holdOf } from "./credits.ts";
import { countSpending } from "./monthly-limits.ts";
import { addToDaily } from "./usage-daily.ts";
import type { madeBy } from "./values.ts";

type Counted = Pick<
  Doc<"usageRecords">,
  | "requestId"
  | "provider"
  | "model"
  | "keySource"
  | "inputTokens"
  | "cachedTokens"
  | "outputTokens"
  | "costMicroUsd"
  | "estimated"
  | "unpriced"
>;

/**
 * Counts a call of a person's own in place of its hold: for the organization and for them, and for no session. The
 * caller has seen to it that it is counted once.
 */
export async function recordApart(
  ctx: MutationCtx,
  { organizationId, userId, keyId, purpose }: Infer<typeof madeBy>,
  call: Counted,
): Promise<void> {
  const held = await holdOf(ctx, call.requestId);
  if (held) await endHoldApart(ctx, held, "settled");
  const { requestId, provider, model, keySource, costMicroUsd } = call;
  if (keySource === "platform" && costMicroUsd > 0)
    await enter(ctx, {
      organizationId,
      key: `call:${requestId}`,
      kind: "charge",
      deltaMicroUsd: -costMicroUsd,
      description: `${provider}/${model}`,
    });
  const { inputTokens, cachedTokens, outputTokens, estimated, unpriced } = call;
  const counted = {
    organizationId,
    userId,
    provider,
    model,
    keySource,
    inputTokens,
    cachedTokens,
    outputTokens,
    costMicroUsd,
    ...(estimated && { estimated }),
    ...(unpriced && { unpriced }),
  };
  await ctx.db.insert("usageRecords", {
    ...counted,
    requestId,
    purpose,
    ...(keyId && { keyId }),
    rolledUp: true,
    inMonth: true,
  });
  const now = Date.now();
  await addToDaily(ctx, counted, now);
  await countSpending(ctx, { organizationId, userId, keyId }, { costMicroUsd, held, now });
}
