import type { PayloadOf } from "./events.ts";
import { awaited } from "./projection-questions.ts";
import { type Draft, type Of, update } from "./projection-draft.ts";
import { isTool, itemIdOf } from "./projection-tools.ts";
import type { ApprovalView } from "./session-view.ts";

/** A request as a card shows it, by the event in which it was asked. @param place `toolCallId`: the entry of its call */
export const approvalViewOf = (
  p: PayloadOf<"approval.requested">,
  place: Pick<ApprovalView, "runId" | "requestedAt" | "toolCallId">,
): ApprovalView => ({
  key: p.approval_key,
  tool: p.tool,
  kind: p.kind,
  summary: p.summary,
  request: p.request,
  ...place,
  expiresAt: p.expires_at,
  ...(p.diff && { diff: p.diff }),
  ...(p.diffs && { diffs: p.diffs }),
  ...(p.notes && { notes: p.notes }),
  ...(p.same_calls !== undefined && { sameCalls: p.same_calls }),
  ...(p.on_expiry && { onExpiry: p.on_expiry }),
});

export function approvalRequested(draft: Draft, event: Of<"approval.requested">): void {
  const p = event.payload;
  const toolCallId = itemIdOf(draft, event);
  draft.waitingFor = "approval";
  draft.approvals = [
    ...draft.approvals,
    approvalViewOf(p, { runId: event.run_id ?? "", requestedAt: event.ts, toolCallId }),
  ];
  update(draft, isTool(event), (item) => ({
    ...item,
    state: "waiting",
    approvalKey: p.approval_key,
    ...(p.diff && !item.diff && { diff: p.diff }),
    ...(p.diffs && !item.diffs && { diffs: p.diffs }),
  }));
}

export function approvalDecided(draft: Draft, event: Of<"approval.decided">): void {
  const p = event.payload;
  draft.approvals = draft.approvals.map((a) =>
    a.key === p.approval_key && !a.decision
      ? {
          ...a,
          decision: p.decision,
          reason: p.reason,
          decidedAt: event.ts,
          ...(p.decided_by && { decidedBy: p.decided_by }),
          ...(p.for_session && { forSession: true }),
          ...(p.made_rule && { madeRule: p.made_rule }),
        }
      : a,
  );
  update(draft, isTool(event), (item) => ({
    ...item,
    state: item.state !== "waiting" ? item.state : p.decision === "denied" ? "denied" : "running",
    ...(p.decision === "approved" && p.reason === "rule" && { allowedBy: p.decided_by ?? "a rule" }),
  }));
  draft.waitingFor = awaited(draft);
}
