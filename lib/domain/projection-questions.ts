import { type Draft, type Of, update } from "./projection-draft.ts";
import { isTool, itemIdOf } from "./projection-tools.ts";

/** What a person's word is awaited for: an approval, or an answer. */
export function awaited(draft: Draft): "approval" | null {
  const open = draft.approvals.some((a) => !a.decision) || draft.questions.some((q) => !q.outcome);
  return open ? "approval" : null;
}

export function questionRequested(draft: Draft, event: Of<"question.requested">): void {
  const p = event.payload;
  draft.waitingFor = "approval";
  draft.questions = [
    ...draft.questions,
    {
      key: p.question_key,
      runId: event.run_id ?? "",
      toolCallId: itemIdOf(draft, event),
      questions: p.questions,
      requestedAt: event.ts,
      expiresAt: p.expires_at,
      ...(p.on_expiry && { onExpiry: p.on_expiry }),
    },
  ];
  update(draft, isTool(event), (item) => ({ ...item, state: "waiting" }));
}

export function questionAnswered(draft: Draft, event: Of<"question.answered">): void {
  const p = event.payload;
  draft.questions = draft.questions.map((q) =>
    q.key === p.question_key && !q.outcome
      ? {
          ...q,
          outcome: p.outcome,
          answers: p.answers,
          reason: p.reason,
          answeredAt: event.ts,
          ...(p.answered_by && { answeredBy: p.answered_by }),
        }
      : q,
  );
  update(draft, isTool(event), (item) => ({
    ...item,
    state: item.state === "waiting" ? "running" : item.state,
  }));
  draft.waitingFor = awaited(draft);
}
