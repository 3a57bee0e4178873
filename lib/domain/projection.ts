import { ANSWER_NOTE_TEXTS } from "./answers.ts";
import { providerName } from "./catalog.ts";
import { isKnownType } from "./event-types.ts";
import type { EventEnvelope, PayloadOf, StudioEvent } from "./events.ts";
import type { RunStatus } from "./lifecycle.ts";
import { approvalDecided, approvalRequested } from "./projection-approvals.ts";
import { branched } from "./projection-branch.ts";
import { creditsReturned } from "./projection-refunds.ts";
import { base, type Draft, type Of, update } from "./projection-draft.ts";
import { gitSeen } from "./projection-git.ts";
import { mcpGone } from "./projection-mcp.ts";
import { networkApplied, networkRefused } from "./projection-network.ts";
import { resumed, restored, savedSeen } from "./projection-saves.ts";
import { rewindFailed, rewound } from "./projection-rewind.ts";
import { projectChanged } from "./projection-project.ts";
import { questionAnswered, questionRequested } from "./projection-questions.ts";
import { rootsChanged, skillOffered, skillSeen } from "./projection-skills.ts";
import { textChunk, textWhole } from "./projection-texts.ts";
import { applyTool, callAtEnd, toolSeen } from "./projection-tools.ts";
import type { NoticeItem, RunView, SessionView, StepView, UserItem } from "./session-view.ts";

function runEnded(draft: Draft, event: Of<"run.completed" | "run.failed" | "run.cancelled">): void {
  const status = (
    { "run.completed": "completed", "run.failed": "failed", "run.cancelled": "cancelled" } as const
  )[event.type];
  const error = event.type === "run.failed" ? event.payload.error : undefined;
  const waited = draft.runs.find((run) => run.id === event.run_id)?.status === "pending";
  draft.runs = draft.runs.map((run) =>
    run.id === event.run_id
      ? { ...run, status, endedAt: event.ts, endedSeq: event.seq, ...(error && { error }) }
      : run,
  );
  draft.items = draft.items.map((item) => {
    if (item.runId !== event.run_id) return item;
    if (item.kind === "tool") return callAtEnd(item, status);
    return (item.kind === "text" || item.kind === "thinking") && !item.done
      ? { ...item, done: true, endedAt: event.ts }
      : item;
  });
  if (event.type === "run.completed") return;
  draft.items.push({
    ...base(event, `end:${event.run_id}`),
    kind: "notice",
    tone: event.type === "run.failed" ? "error" : "info",
    title:
      event.type === "run.failed"
        ? "The run failed"
        : waited
          ? "The message was removed from the queue"
          : "The run was stopped",
    text: error ?? (event.type === "run.cancelled" ? event.payload.message : ""),
    ...(event.type === "run.failed" && draft.waitingFor === "credits" && { forCredits: true }),
  });
}

function provisionStep(draft: Draft, event: Of<"provision.step">): void {
  const { duration_ms, ...p } = event.payload;
  const before = draft.steps.find((s) => s.step === p.step);
  const next: StepView = {
    ...p,
    startedAt: before?.startedAt ?? event.ts,
    ...(duration_ms !== undefined && { durationMs: duration_ms }),
  };
  draft.steps = before
    ? draft.steps.map((s) => (s === before ? next : s))
    : [...draft.steps, next].toSorted((a, b) => a.index - b.index);
}

function usageRecorded(draft: Draft, p: PayloadOf<"usage.recorded">): void {
  draft.usage = {
    inputTokens: draft.usage.inputTokens + p.input_tokens,
    cachedTokens: draft.usage.cachedTokens + p.cached_tokens,
    outputTokens: draft.usage.outputTokens + p.output_tokens,
    costMicroUsd: draft.usage.costMicroUsd + (p.cost_micro_usd ?? 0),
    calls: draft.usage.calls + 1,
    ...(p.unpriced
      ? { unpricedCalls: (draft.usage.unpricedCalls ?? 0) + 1 }
      : draft.usage.unpricedCalls !== undefined && { unpricedCalls: draft.usage.unpricedCalls }),
  };
}

function runSeen(draft: Draft, event: Of<"run.queued" | "run.started">): void {
  const id = event.run_id ?? "";
  const status: RunStatus = event.type === "run.queued" ? "pending" : "running";
  const known = draft.runs.find((run) => run.id === id);
  if (event.type === "run.started") delete draft.undoable;
  const next: RunView = {
    id,
    input: event.payload.input,
    status,
    ...(event.type === "run.started" && { startedAt: event.ts, startedSeq: event.seq }),
  };
  draft.runs = known ? draft.runs.map((run) => (run === known ? next : run)) : [...draft.runs, next];
  update(
    draft,
    (item): item is UserItem => item.kind === "user" && item.runId === id,
    (item) => ({ ...item, queued: event.type === "run.queued" }),
  );
}

function runParked(draft: Draft, event: Of<"run.parked" | "run.resumed">): void {
  const isParked = event.type === "run.parked";
  draft.runs = draft.runs.map((run) => {
    if (run.id !== event.run_id) return run;
    const { parked: _, ...rest } = run;
    return isParked ? { ...rest, status: "pending", parked: true } : { ...rest, status: "running" };
  });
  if (event.type === "run.parked")
    draft.items.push({
      ...base(event, `parked:${event.seq}`),
      kind: "notice",
      tone: "info",
      title: "Parked until someone answers",
      text: event.payload.message,
    });
}

/** What Studio tells people of what has become of their session; what it tells the agent is in the log alone. */
function systemNotice(event: Of<"message.system">): NoticeItem {
  const [title = "", ...rest] = event.payload.content.split(/(?<=[.]) /);
  const text = rest.join(" ");
  return { ...base(event, `system:${event.seq}`), kind: "notice", tone: "warning", title, text };
}

function waitDetail(draft: Draft, detail: PayloadOf<"session.status">["wait_detail"]): void {
  if (!detail) {
    delete draft.waitDetail;
    return;
  }
  const { status, message, retry_at: retryAt, limit } = detail;
  draft.waitDetail = {
    status,
    message,
    retryAt,
    ...(limit && { limit: { subject: limit.subject, subjectId: limit.subject_id } }),
  };
}

const PAYERS: Record<string, string> = {
  platform: "Switched to platform credits",
  direct: "Switched to the provider's own key",
  openrouter: "Switched to the OpenRouter key",
};

function payerNotice(event: Of<"session.payer_changed">): NoticeItem {
  const { key_source, changed_by, restart } = event.payload;
  return {
    ...base(event, `payer:${event.seq}`),
    kind: "notice",
    tone: "info",
    title: PAYERS[key_source] ?? `Switched to ${key_source}`,
    text: `${changed_by} chose this after the previous key was rejected.${restart ? " The agent restarts to use it." : ""}`,
  };
}

const RESTARTS: Record<string, string> = {
  payer: "It continues with the new payer and remembers what it did.",
  agent_exited: "Its process had exited. It continues and remembers what it did.",
  agent_silent: "It had stopped responding. It continues and remembers what it did.",
  stream_gap: "Part of its stream was lost and has been read again.",
  rewound: "It remembers what was said up to there.",
  violation: "It ran something without a decision, so its process was ended.",
  cancel_unheard: "It didn't stop when asked. It remembers what it did.",
};

function applyKnown(draft: Draft, event: StudioEvent): void {
  switch (event.type) {
    // Of what goes on within a turn, the log and the inspector tell.
    case "llm.request.started":
    case "llm.response.completed":
    case "llm.routed":
    case "budget.warning":
      return;
    case "message.system":
      if (event.payload.level !== "info") draft.items.push(systemNotice(event));
      return;
    case "session.started":
      draft.title = event.payload.title;
      if (event.payload.notice)
        draft.items.push({
          ...base(event, `notice:${event.seq}`),
          kind: "notice",
          tone: "info",
          title: "Using another model",
          text: event.payload.notice,
        });
      if (event.payload.repeats)
        draft.items.push({
          ...base(event, `repeat:${event.seq}`),
          kind: "notice",
          tone: "info",
          title: `Repeats “${event.payload.repeats.title}”`,
          text: event.payload.repeats.differs.join("\n") || "With exactly what that session began with.",
        });
      return;
    case "session.renamed":
      draft.title = event.payload.title;
      return;
    case "session.status":
      draft.status = event.payload.status;
      draft.waitingFor = event.payload.waiting_for ?? null;
      waitDetail(draft, event.payload.wait_detail);
      draft.queuePlace = event.payload.queue_place ?? null;
      if (event.payload.error) draft.error = event.payload.error;
      return;
    case "session.payer_changed":
      draft.keySource = event.payload.key_source;
      draft.items.push(payerNotice(event));
      return;
    case "session.auto_approve":
      draft.autoApprove = event.payload.on;
      return;
    case "session.ended":
      draft.ended = true;
      return;
    case "session.branched":
      return branched(draft, event);
    case "session.resumed":
      return resumed(draft, event);
    case "session.restored":
      return restored(draft, event);
    case "session.rewound":
      return rewound(draft, event);
    case "session.rewind_failed":
      return rewindFailed(draft, event);
    case "checkpoint.created":
    case "checkpoint.failed":
      return savedSeen(draft, event);
    case "provision.step":
      return provisionStep(draft, event);
    case "setup.output":
      draft.setupOutput = (draft.setupOutput ?? "") + event.payload.delta;
      return;
    case "message.user":
      draft.items.push({
        ...base(event, `user:${event.seq}`),
        kind: "user",
        text: event.payload.content,
        queued: false,
        ...(event.payload.user_name && { userName: event.payload.user_name }),
      });
      return;
    case "message.assistant":
      return textWhole(draft, event);
    case "llm.response.chunk":
    case "llm.thinking.chunk":
      return textChunk(draft, event);
    case "llm.response.error":
      draft.items.push({
        ...base(event, `llm:${event.seq}`),
        kind: "notice",
        tone: "warning",
        title: `${providerName(event.payload.provider)} returned ${event.payload.error_code}`,
        text: event.payload.error,
      });
      return;
    case "llm.response.notice":
      draft.items.push({
        ...base(event, `llm:${event.seq}`),
        kind: "notice",
        tone: "info",
        ...ANSWER_NOTE_TEXTS[event.payload.notice](providerName(event.payload.provider)),
      });
      return;
    case "tool.requested":
    case "tool.started":
      return toolSeen(draft, event);
    case "approval.requested":
      return approvalRequested(draft, event);
    case "approval.decided":
      return approvalDecided(draft, event);
    case "question.requested":
      return questionRequested(draft, event);
    case "question.answered":
      return questionAnswered(draft, event);
    case "plan.updated":
      draft.plan = event.payload.entries;
      return;
    case "skill.injected":
    case "skill.failed":
      return skillSeen(draft, event);
    case "skill.offered":
      return skillOffered(draft, event);
    case "skill.roots_changed":
      return rootsChanged(draft, event);
    case "file.changed":
      draft.items.push({
        ...base(event, `file:${event.seq}`),
        kind: "notice",
        tone: "info",
        title: `${event.payload.changed_by} saved ${event.payload.path}`,
        text: "",
        ...(event.payload.diff && { diff: event.payload.diff }),
      });
      return;
    case "process.ended":
      draft.items.push({
        ...base(event, `process:${event.seq}`),
        kind: "notice",
        tone: "info",
        title: `${event.payload.ended_by} ended process ${event.payload.pid}`,
        text: event.payload.command,
      });
      return;
    case "git.changed":
    case "git.pushed":
    case "git.green":
      return gitSeen(draft, event);
    case "project.pushed":
    case "project.taken_back":
      return projectChanged(draft, event);
    case "mcp.server.disconnected":
      return mcpGone(draft, event);
    case "network.applied":
      return networkApplied(draft, event);
    case "network.refused":
      return networkRefused(draft, event);
    case "run.queued":
    case "run.started":
      return runSeen(draft, event);
    case "run.parked":
    case "run.resumed":
      return runParked(draft, event);
    case "run.completed":
    case "run.failed":
    case "run.cancelled":
      return runEnded(draft, event);
    case "usage.recorded":
      return usageRecorded(draft, event.payload);
    case "credits.returned":
      return creditsReturned(draft, event);
    case "budget.changed":
      draft.budgetCapMicroUsd = event.payload.cap_micro_usd;
      return;
    case "run.violation":
      draft.items.push({
        ...base(event, `violation:${event.seq}`),
        kind: "notice",
        tone: "error",
        title: "Something ran without approval",
        text: event.payload.message,
      });
      return;
    case "agent.restarted":
      draft.items.push({
        ...base(event, `agent:${event.seq}`),
        kind: "notice",
        tone: "info",
        title: "The agent restarted",
        text: RESTARTS[event.payload.cause] ?? "It remembers what it did.",
      });
      return;
    case "agent.error":
      draft.items.push({
        ...base(event, `agent:${event.seq}`),
        kind: "notice",
        tone: "error",
        title: "The agent reported an error",
        text: event.payload.error,
      });
      return;
    default:
      return applyTool(draft, event);
  }
}

/**
 * The view after some more events. Events already applied are passed over, so that a replay is harmless.
 * Types that this version does not know become a line of their own.
 */
export function applyEvents(view: SessionView, events: readonly EventEnvelope[]): SessionView {
  const fresh = events.filter((event) => event.seq > view.seq);
  const last = fresh.at(-1);
  if (!last) return view;
  const draft: Draft = { ...view, items: [...view.items] };
  for (const event of fresh) {
    if (isKnownType(event.type)) applyKnown(draft, event as StudioEvent);
    else draft.items.push(unknownItem(event));
  }
  draft.seq = last.seq;
  return draft;
}

function unknownItem(event: EventEnvelope): NoticeItem {
  return {
    id: `unknown:${event.seq}`,
    seq: event.seq,
    ts: event.ts,
    ...(event.run_id && { runId: event.run_id }),
    kind: "notice",
    tone: "info",
    title: event.type,
    text: "This version of Studio doesn't know this kind of event. It's stored, and the API returns it in full.",
  };
}
