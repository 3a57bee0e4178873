import { REFUND_WORDS, REFUNDS } from "#domain/refunds.ts";
import type { Doc } from "../_generated/dataModel";
import { enter } from "./credits.ts";
import type { SessionWriter } from "./session-writer.ts";

/** Whether an organization would have more given back than is given without anybody's look. */
async function isBeyond({ ctx, session, now }: SessionWriter, amountMicroUsd: number): Promise<boolean> {
  const latest = await ctx.db
    .query("ledgerEntries")
    .withIndex("by_organization_kind", (q) =>
      q
        .eq("organizationId", session.organizationId)
        .eq("kind", "refund")
        .gt("_creationTime", now - REFUNDS.withinMs),
    )
    .take(REFUNDS.runs);
  const sum = latest.reduce((total, { deltaMicroUsd }) => total + deltaMicroUsd, amountMicroUsd);
  return latest.length >= REFUNDS.runs || sum > REFUNDS.amountMicroUsd;
}

/** Enters what is given back of a run, once for each key, and says so in the session's log. */
async function giveBack(
  writer: SessionWriter,
  run: Doc<"runs">,
  key: string,
  amountMicroUsd: number,
): Promise<void> {
  const { ctx, session } = writer;
  const entered = await enter(ctx, {
    organizationId: session.organizationId,
    key,
    kind: "refund",
    deltaMicroUsd: amountMicroUsd,
    description: REFUND_WORDS,
    sessionId: session._id,
  });
  if (!entered) return;
  const current = await ctx.db.get(run._id);
  await ctx.db.patch(run._id, { refundedMicroUsd: (current?.refundedMicroUsd ?? 0) + amountMicroUsd });
  await writer.addToTotals({ totalCreditsConsumed: -amountMicroUsd });
  await writer.append({
    type: "credits.returned",
    source: "studio.billing",
    runId: run._id,
    payload: { amount_micro_usd: amountMicroUsd, reason: REFUND_WORDS },
  });
}

/** A run has failed for the platform's fault: what its calls have taken of the credits is given back. */
export async function refundRun(writer: SessionWriter, run: Doc<"runs">): Promise<void> {
  const charged = run.chargedMicroUsd ?? 0;
  if (run.refundedMicroUsd !== undefined || (await isBeyond(writer, charged))) return;
  // Calls that are still under way are given back as they are charged.
  await writer.ctx.db.patch(run._id, { refundedMicroUsd: 0 });
  if (charged > 0) await giveBack(writer, run, `refund:${run._id}`, charged);
}

/**
 * A call was charged whose session had ended meanwhile: where that was the platform's fault, it is given back, too.
 * @param begunAt when the call's hold was made
 */
export async function refundLateCall(
  writer: SessionWriter,
  call: { requestId: string; costMicroUsd: number; begunAt: number },
): Promise<void> {
  const run = await writer.ctx.db
    .query("runs")
    .withIndex("by_session", (q) => q.eq("sessionId", writer.session._id).lte("_creationTime", call.begunAt))
    .order("desc")
    .first();
  if (run?.refundedMicroUsd === undefined || run.startedAt === undefined) return;
  // A row's time has parts of a millisecond, a run's end has none.
  if (call.begunAt < run.startedAt || Math.floor(call.begunAt) > (run.completedAt ?? 0)) return;
  if (await isBeyond(writer, call.costMicroUsd)) return;
  await giveBack(writer, run, `refund:call:${call.requestId}`, call.costMicroUsd);
}
