import { MAX_SAME_CALLS } from "#domain/same-calls.ts";
import type { PayloadOf } from "#domain/events.ts";
import { openApproval } from "./approvals.ts";
import { isStudios, STUDIOS_RPC } from "./same-calls.ts";
import type { SessionWriter } from "./session-writer.ts";

/**
 * Whether a run's next model call has to wait, since the agent repeats a call that asks nobody by itself, such as reading
 * a file. The first such model call asks people; the others wait for the answer.
 * @returns null where it may be made; `denied`: never again in this run
 */
export async function loopGate(writer: SessionWriter): Promise<"asked" | "denied" | null> {
  const { stream, session } = writer;
  const { activeRunId: runId } = session;
  const { sameCall } = stream;
  if (!runId || sameCall?.runId !== runId || sameCall.count < MAX_SAME_CALLS) return null;
  if (sameCall.denied === "run") return "denied";
  // The agent was told by the answer to its own question.
  if (sameCall.denied === "call") return null;
  const open = await writer.ctx.db
    .query("approvals")
    .withIndex("by_run_decision", (q) => q.eq("runId", runId).eq("decision", "pending"))
    .take(100);
  if (open.some((one) => one.sameCalls !== undefined || isStudios(one))) return "asked";
  const call = await writer.ctx.db
    .query("sessionEvents")
    .withIndex("by_session_seq", (q) => q.eq("sessionId", session._id).eq("seq", sameCall.seq))
    .unique();
  // A log that was removed says nothing of it any more.
  if (!call) return null;
  const { tool_name, kind, title, tool_input } = JSON.parse(call.payload) as PayloadOf<"tool.requested">;
  await openApproval(writer, runId, STUDIOS_RPC, {
    approval_key: `apr_${crypto.randomUUID().replaceAll("-", "")}`,
    tool: tool_name,
    // None of the agent's: else what came of the call would count as something that nobody had decided on.
    tool_call_id: `loop:${sameCall.callId}`,
    kind,
    summary: title,
    request: tool_input,
    same_calls: sameCall.count,
    expires_at: writer.now,
  });
  // A rule may have denied it at once.
  return writer.stream.sameCall?.denied === "run" ? "denied" : "asked";
}
