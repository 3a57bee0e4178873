import { DEADLINES } from "../../lib/domain/lifecycle.ts";
import { maskSecrets } from "../../lib/domain/mask.ts";
import { internal } from "../_generated/api";
import type { Doc, Id } from "../_generated/dataModel";
import type { PayloadOf } from "../../lib/domain/events.ts";
import type { SessionWriter } from "./session-writer.ts";

type Reason = "person" | "timeout" | "run_ended" | "agent_restarted";

/** Stores the agent's question; without an answer by its deadline it is denied. */
export async function openApproval(
  writer: SessionWriter,
  runId: Id<"runs">,
  rpcId: string,
  payload: PayloadOf<"approval.requested">,
): Promise<void> {
  const approvalId = await writer.ctx.db.insert("approvals", {
    organizationId: writer.session.organizationId,
    sessionId: writer.session._id,
    runId,
    key: payload.approval_key,
    rpcId,
    tool: payload.tool,
    toolCallId: payload.tool_call_id,
    summary: payload.summary,
    request: maskSecrets(JSON.stringify(payload.request)),
    expiresAt: payload.expires_at,
    decision: "pending",
  });
  await writer.ctx.scheduler.runAfter(DEADLINES.approvalMs, internal.approvals.expire, { approvalId });
  await writer.append({ type: "approval.requested", source: "agent.permission", runId, payload });
  await writer.wait("approval");
}

async function pendingOf(writer: SessionWriter, runId: Id<"runs">): Promise<Doc<"approvals">[]> {
  return await writer.ctx.db
    .query("approvals")
    .withIndex("by_run_decision", (q) => q.eq("runId", runId).eq("decision", "pending"))
    .take(100);
}

/** Writes a decision down, and queues the answer for the agent. The caller has checked that it is still open. */
export async function settleApproval(
  writer: SessionWriter,
  approval: Doc<"approvals">,
  decision: "approved" | "denied",
  by: { reason: Reason; name?: string },
): Promise<void> {
  await writer.ctx.db.patch(approval._id, {
    decision,
    decidedAt: writer.now,
    ...(by.name !== undefined && { decidedBy: by.name }),
  });
  const common = { runId: approval.runId, source: "studio.approval" };
  const tool = { tool_call_id: approval.toolCallId, tool_name: approval.tool };
  await writer.append({
    ...common,
    type: "approval.decided",
    payload: {
      approval_key: approval.key,
      tool_call_id: approval.toolCallId,
      decision,
      reason: by.reason,
      ...(by.name !== undefined && { decided_by: by.name }),
    },
  });
  if (decision === "approved")
    await writer.append({
      ...common,
      type: "tool.approved",
      payload: { ...tool, approved_by: by.name ?? by.reason },
    });
  else
    await writer.append({
      ...common,
      type: "tool.denied",
      payload: { ...tool, denied_by: by.name ?? by.reason, reason: DENIALS[by.reason] },
    });
  // Whoever asked is not there any more.
  if (by.reason !== "run_ended" && by.reason !== "agent_restarted")
    await writer.ctx.db.insert("sessionCommands", {
      organizationId: approval.organizationId,
      sessionId: approval.sessionId,
      status: "queued",
      command: {
        kind: "decision",
        rpcId: approval.rpcId,
        optionId: decision === "approved" ? "once" : "reject",
      },
    });
  if ((await pendingOf(writer, approval.runId)).length === 0) await writer.wait(null);
}

const DENIALS: Record<Reason, string> = {
  person: "Denied by a person.",
  timeout: "Nobody answered in time, so it was denied.",
  agent_restarted: "The agent was started again before anyone answered. It asks anew.",
  run_ended: "The run ended before anyone answered.",
};

/** Ends what is still asked when its run has ended, or the agent that asked. */
export async function closeApprovals(
  writer: SessionWriter,
  runId: Id<"runs">,
  reason: "run_ended" | "agent_restarted" = "run_ended",
): Promise<void> {
  for (const approval of await pendingOf(writer, runId))
    await settleApproval(writer, approval, "denied", { reason });
}
