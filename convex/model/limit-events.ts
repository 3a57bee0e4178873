import { limitWait, monthEnd } from "#domain/monthly-limits.ts";
import { type Applied, limitReached, type LimitNews } from "./monthly-limits.ts";
import { notifyBudget } from "./run-news.ts";
import type { SessionWriter } from "./session-writer.ts";

/** What a wait's detail has in place of a provider's response: payment is required. */
const PAYMENT_REQUIRED = 402;

/** Says in a session's log what became of monthly limits by its calls. */
export async function warnOfLimits(writer: SessionWriter, news: readonly LimitNews[]): Promise<void> {
  const { activeRunId: runId } = writer.session;
  for (const { subject, subjectId, month, step } of news) {
    await writer.append({
      type: "budget.warning",
      source: "studio.gateway",
      ...(runId && { runId }),
      payload: { scope: subject, subject_id: subjectId, month, threshold_percent: step },
    });
    const run = runId && (await writer.ctx.db.get(runId));
    await notifyBudget(writer, run, { scope: subject, subjectId, percent: step });
  }
}

/** A monthly limit has stopped a session's call: people are told, and its run waits. */
export async function waitForLimit(writer: SessionWriter, reached: Applied): Promise<void> {
  const news = await limitReached(writer.ctx, reached);
  await warnOfLimits(writer, news ? [news] : []);
  const { subject, subjectId } = reached.limit;
  await writer.wait("limit", {
    status: PAYMENT_REQUIRED,
    message: limitWait(subject),
    retryAt: monthEnd(reached.month),
    limit: { subject, subjectId },
  });
}
