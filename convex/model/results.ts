import { type Violation, VIOLATION_WORDS } from "#domain/decisions.ts";
import type { EventDraft } from "#domain/events.ts";
import type { Doc, Id } from "../_generated/dataModel";
import { bypassApproval, settleApproval } from "./approvals.ts";
import { endRun } from "./runs.ts";
import type { SessionWriter } from "./session-writer.ts";

/** A call is asked about a few times at most: for its command, and for each folder outside the workspace. */
const MAX_ASKED = 50;

const RESULTS: ReadonlySet<string> = new Set(["tool.completed", "tool.error", "tool.output.chunk"]);
type ResultDraft = Extract<EventDraft, { type: "tool.completed" | "tool.error" | "tool.output.chunk" }>;

/** Whether an event is something that came of a call. */
export function isResult(draft: EventDraft): draft is ResultDraft {
  return RESULTS.has(draft.type);
}

/** What is wrong with a result, by what was asked about its call; null where all of it was allowed, or nothing had to be. */
function violationOf(asked: readonly Doc<"approvals">[], act: boolean): Violation | null {
  if (asked.some(({ decision }) => decision === "denied")) return "denied";
  if (asked.some(({ decision }) => decision !== "approved")) return "undecided";
  return act && asked.length === 0 ? "unasked" : null;
}

/**
 * Looks whether something that came of a call was decided on, where that is needed. Where it was not, that is logged,
 * its run fails, and its agent is ended: it does not keep to the rules, or somebody answers in people's place. A call
 * that fails before anyone has answered is no longer asked about.
 * @param act whether such a call needs a decision at all
 * @returns whether the run has ended by it
 */
export async function resultCame(
  writer: SessionWriter,
  runId: Id<"runs">,
  draft: ResultDraft,
  act: boolean,
): Promise<boolean> {
  // Most of what comes is of calls that only read.
  if (draft.type === "tool.output.chunk" && !act) return false;
  const { tool_call_id: toolCallId } = draft.payload;
  const asked = await writer.ctx.db
    .query("approvals")
    .withIndex("by_run_call", (q) => q.eq("runId", runId).eq("toolCallId", toolCallId))
    .take(MAX_ASKED);
  // A run ends once by a violation: what comes of it later is logged, and changes nothing.
  if ((await writer.ctx.db.get(runId))?.status !== "running") return false;
  const open = asked.filter(({ decision }) => decision === "pending");
  if (draft.type === "tool.error") {
    for (const approval of open) await settleApproval(writer, approval, "denied", { reason: "withdrawn" });
    return false;
  }
  // Where everything is allowed beforehand, an act that was not asked about is none that anybody wanted to see.
  const cause = violationOf(asked, act && writer.session.autoApprove !== true);
  if (cause === null) return false;
  for (const approval of open) await bypassApproval(writer, approval);
  const name = asked[0]?.tool ?? ("tool_name" in draft.payload ? draft.payload.tool_name : "bash");
  const what = asked[0]?.summary ?? `A call of ${name}`;
  const message = `${what}: this ran although ${VIOLATION_WORDS[cause]}. The agent was ended. Look at what it changed before you go on.`;
  await writer.append({
    type: "run.violation",
    source: "studio.approval",
    runId,
    payload: { tool_call_id: toolCallId, tool_name: name, cause, message },
  });
  writer.patch({ agentRestart: "violation" });
  await endRun(writer, runId, { status: "failed", error: message, errorKind: "violation" });
  return true;
}
