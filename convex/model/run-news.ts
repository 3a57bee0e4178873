import { type BudgetScope, budgetText } from "#domain/notifications.ts";
import type { Doc } from "../_generated/dataModel";
import { notify } from "./notifications.ts";
import { whoPays, whoSent } from "./notified.ts";
import type { SessionWriter } from "./session-writer.ts";

/** What is told of a run's end. */
type Ending =
  | { status: "completed"; output: string }
  | { status: "failed"; error: string }
  | { status: "cancelled" };

/** Tells who sent a run's message that it has ended; what a person has stopped is no news. */
export async function notifyEnd(writer: SessionWriter, run: Doc<"runs">, ending: Ending): Promise<void> {
  if (ending.status === "cancelled") return;
  const failed = ending.status === "failed";
  const { ctx, session } = writer;
  const text = failed ? ending.error : ending.output;
  const kind = failed ? "failed" : "finished";
  await notify(ctx, { kind, session, runId: run._id, text }, await whoSent(ctx, run, failed));
}

/** Tells those whose a limit is that a part of it is spent. */
export async function notifyBudget(
  writer: SessionWriter,
  run: Doc<"runs"> | null | undefined,
  { percent, ...of }: { scope: BudgetScope; subjectId?: string; percent: number },
): Promise<void> {
  const { ctx, session } = writer;
  const people = await whoPays(ctx, session, run, of);
  const text = budgetText(of.scope, percent);
  await notify(ctx, { kind: "budget", session, runId: run?._id, text }, people);
}
