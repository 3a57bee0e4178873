import { MAX_FRUITLESS_CALLS } from "#domain/lifecycle.ts";
import type { Doc } from "../_generated/dataModel";
import type { SessionWriter } from "./session-writer.ts";

/** A call that was made so little ago explains why the agent says nothing. */
export const CALL_EXPLAINS_MS = 20_000;

async function activeRun(writer: SessionWriter): Promise<Doc<"runs"> | null> {
  const { activeRunId } = writer.session;
  return activeRunId ? await writer.ctx.db.get(activeRunId) : null;
}

/**
 * Notes that the active run makes a call. @returns why it may not, in words, where the last ones brought nothing: an
 * agent would go on asking without end
 */
export async function callBegins(writer: SessionWriter): Promise<string | null> {
  const run = await activeRun(writer);
  if (!run) return null;
  if ((run.fruitlessCalls ?? 0) >= MAX_FRUITLESS_CALLS) return run.fruitlessReason ?? "";
  await writer.ctx.db.patch(run._id, { lastCallAt: writer.now });
  return null;
}

/** Counts a call of the active run that brought it no further. @param reason a sentence about it */
export async function callBroughtNothing(writer: SessionWriter, reason: string): Promise<void> {
  const run = await activeRun(writer);
  if (run)
    await writer.ctx.db.patch(run._id, {
      fruitlessCalls: (run.fruitlessCalls ?? 0) + 1,
      fruitlessReason: reason,
    });
}
