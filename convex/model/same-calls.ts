import { callText, countCall, MAX_SAME_CALLS } from "#domain/same-calls.ts";
import type { PayloadOf } from "#domain/events.ts";
import type { Doc, Id } from "../_generated/dataModel";
import type { SessionWriter } from "./session-writer.ts";
import { sha256Of } from "./skills.ts";

/** So much of a call's id is kept: it is the agent's to choose. */
const MAX_ID_CHARS = 200;

/** In place of an id of the agent's, which is always JSON: no agent can ask under it. */
export const STUDIOS_RPC = "studio:loop";

/** Whether a question is Studio's own, about a call that asks nobody by itself: the agent doesn't wait for its answer. */
export const isStudios = ({ rpcId }: Pick<Doc<"approvals">, "rpcId">): boolean => rpcId === STUDIOS_RPC;

/** Counts a call that the agent makes, as the log has it from `seq` on. One small row keeps the last: the session's stream. */
export async function noteCall(
  writer: SessionWriter,
  runId: Id<"runs">,
  {
    tool_call_id: callId,
    tool_name: tool,
    tool_input: input,
  }: Pick<PayloadOf<"tool.requested">, "tool_call_id" | "tool_name" | "tool_input">,
  seq: number,
): Promise<void> {
  const { sameCall } = writer.stream;
  const hash = await sha256Of(callText(tool, input));
  const counted = countCall(sameCall, { runId, callId: callId.slice(0, MAX_ID_CHARS), hash });
  if (counted) writer.patchStream({ sameCall: { ...counted, runId, seq } });
}

/** How often a call was made in a row, where that is too often; undefined where it is not. */
export function tooOften(writer: SessionWriter, runId: Id<"runs">, callId: string): number | undefined {
  const { sameCall } = writer.stream;
  const isLast = sameCall?.runId === runId && sameCall.callId === callId.slice(0, MAX_ID_CHARS);
  return isLast && sameCall.count >= MAX_SAME_CALLS ? sameCall.count : undefined;
}

/**
 * Somebody, or a rule that denies, has decided on a call that repeats. Once it is allowed it counts again from zero; one
 * that was denied is asked about each time that it comes again.
 */
export function sameCallDecided(
  writer: SessionWriter,
  approval: Doc<"approvals">,
  decision: "approved" | "denied",
): void {
  const { sameCall } = writer.stream;
  if (approval.sameCalls === undefined || sameCall?.runId !== approval.runId) return;
  writer.patchStream({
    sameCall:
      decision === "approved"
        ? { ...sameCall, count: 0 }
        : { ...sameCall, denied: isStudios(approval) ? "run" : "call" },
  });
}
