import { addSums, dayOf, sumOfCall, type UsageSum } from "#domain/usage-report.ts";
import type { Doc, Id } from "../_generated/dataModel";
import type { MutationCtx } from "../_generated/server";
import { countUse } from "./agent-daily.ts";

/** A model call as the roll-ups count it. */
export type CountedCall = Omit<
  Doc<"usageRecords">,
  "_id" | "_creationTime" | "requestId" | "runId" | "rolledUp" | "inMonth" | "keyId" | "purpose"
>;

/** Whose a use is, and what was used: the roll-ups have a row for each. */
type UsedBy = Pick<
  CountedCall,
  "organizationId" | "sessionId" | "userId" | "provider" | "model" | "keySource"
>;

async function addTo(
  ctx: MutationCtx,
  of: UsedBy,
  day: string,
  sum: UsageSum,
  sessionId: Id<"sandboxSessions"> | undefined,
): Promise<void> {
  const { organizationId, userId, provider, model, keySource } = of;
  const known = await ctx.db
    .query("usageDaily")
    .withIndex("by_group", (q) =>
      q
        .eq("organizationId", organizationId)
        .eq("sessionId", sessionId)
        .eq("day", day)
        .eq("userId", userId)
        .eq("provider", provider)
        .eq("model", model)
        .eq("keySource", keySource),
    )
    .unique();
  // A row from before agents' days were added up brings what it has.
  const news = known && known.agentCounted !== true ? addSums(known, sum) : sum;
  if (sessionId) await countUse(ctx, { sessionId, day, sum: news });
  const counted = sessionId && { agentCounted: true };
  if (known) await ctx.db.patch(known._id, { ...addSums(known, sum), ...counted });
  else
    await ctx.db.insert("usageDaily", {
      organizationId,
      day,
      provider,
      model,
      keySource,
      ...(sessionId && { sessionId }),
      ...(userId && { userId }),
      ...sum,
      ...counted,
    });
}

/**
 * Adds to what was used on a day, for the organization and for its session, if it has one. To be called once, in the
 * transaction that notes the use.
 */
export async function addUse(ctx: MutationCtx, of: UsedBy, day: string, sum: UsageSum): Promise<void> {
  await addTo(ctx, of, day, sum, undefined);
  if (of.sessionId) await addTo(ctx, of, day, sum, of.sessionId);
}

/** Adds one call to its day. @param at when it was made; epoch milliseconds */
export async function addToDaily(ctx: MutationCtx, call: CountedCall, at: number): Promise<void> {
  await addUse(ctx, call, dayOf(at), sumOfCall(call));
}

/** Adds a call from before there were roll-ups. Idempotent. */
export async function rollUp(
  ctx: MutationCtx,
  record: Doc<"usageRecords">,
): Promise<Partial<Doc<"usageRecords">>> {
  if (record.rolledUp) return {};
  await addToDaily(ctx, record, record._creationTime);
  return { rolledUp: true };
}
