/** Every event type that this version writes; apart from the schemas, so that the browser needs no validator. */
export const EVENT_TYPES = [
  "session.started",
  "session.renamed",
  "session.status",
  "session.payer_changed",
  "session.auto_approve",
  "session.ended",
  "provision.step",
  "setup.output",
  "message.user",
  "message.assistant",
  "llm.response.chunk",
  "llm.thinking.chunk",
  "llm.response.error",
  "llm.response.notice",
  "tool.requested",
  "tool.approved",
  "tool.denied",
  "tool.started",
  "tool.output.chunk",
  "tool.completed",
  "tool.error",
  "approval.requested",
  "approval.decided",
  "question.requested",
  "question.answered",
  "plan.updated",
  "file.changed",
  "process.ended",
  "git.changed",
  "git.pushed",
  "network.applied",
  "network.refused",
  "run.queued",
  "run.started",
  "run.completed",
  "run.failed",
  "run.violation",
  "run.cancelled",
  "usage.recorded",
  "budget.changed",
  "agent.restarted",
  "agent.error",
] as const;

const known: ReadonlySet<string> = new Set(EVENT_TYPES);

/** True where this version knows the type. */
export function isKnownType(type: string): type is (typeof EVENT_TYPES)[number] {
  return known.has(type);
}
