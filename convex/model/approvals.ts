import { boundedInput, MAX_INLINE_CHARS } from "#domain/artifacts.ts";
import { coverOf, isAskedAgain } from "#domain/approval-rules.ts";
import { PERSON } from "#domain/event-people.ts";
import { isLive } from "#domain/lifecycle.ts";
import type { NamedRule } from "#domain/rules/decide.ts";
import { kindsOf } from "#domain/rules/kinds.ts";
import { maskSecrets } from "#domain/mask.ts";
import { internal } from "../_generated/api";
import type { Doc, Id } from "../_generated/dataModel";
import type { PayloadOf } from "#domain/events.ts";
import { actsOf, askedBy } from "./approval-acts.ts";
import { needFor } from "./approvers.ts";
import { deadlineOf, goOnWaited, waitUntil } from "./deadlines.ts";
import { notificationsOver, notify } from "./notifications.ts";
import { whoMayAnswer } from "./notified.ts";
import { openQuestions } from "./questions.ts";
import { noteUse, verdictOf } from "./rules.ts";
import { isStudios, noteCall, sameCallDecided, tooOften } from "./same-calls.ts";
import type { SessionWriter } from "./session-writer.ts";
import { RULES_SHOWN, ruleWords, settledBefore, type Who } from "./settled-before.ts";

type Reason = "person" | "rule" | "timeout" | "run_ended" | "agent_restarted" | "withdrawn";

/** So much of what rules judge is kept with a question, for rules to be tried on. */
const MAX_CALL_CHARS = 12_000;

/** What rules judge of a question, as JSON without file contents; undefined where that is too long. */
function keptCall({ tool, kind, request, diff, diffs }: PayloadOf<"approval.requested">): string | undefined {
  const paths = (diffs ?? (diff ? [diff] : [])).map(({ path }) => ({ path }));
  const text = JSON.stringify({
    tool,
    kind,
    request,
    ...(paths[0] && { diff: paths[0] }),
    ...(paths.length > 1 && { diffs: paths }),
  });
  return text.length <= MAX_CALL_CHARS ? maskSecrets(text) : undefined;
}

/**
 * Stores the agent's question; without an answer by its deadline it is denied. One that was answered before, for the
 * whole session, is approved at once; one that Studio refuses is denied at once, whatever was answered before.
 */
export async function openApproval(
  writer: SessionWriter,
  runId: Id<"runs">,
  rpcId: string,
  asked: PayloadOf<"approval.requested">,
): Promise<void> {
  if (await isKnown(writer, runId, rpcId)) return;
  // A subagent's calls are in the log as what it asks alone.
  if (isSubagents(rpcId))
    await noteCall(writer, runId, { ...asked, tool_name: asked.tool, tool_input: asked.request }, 0);
  const sameCalls = asked.same_calls ?? tooOften(writer, runId, asked.tool_call_id);
  const payload = { ...asked, ...(sameCalls !== undefined && { same_calls: sameCalls }) };
  // One act, one question: that for the act itself follows.
  if (isAskedAgain(payload)) return await tellAgent(writer, { rpcId, optionId: "once" });
  const { subject } = coverOf(payload);
  const call = keptCall(payload);
  const run = await writer.ctx.db.get(runId);
  const acts = kindsOf(payload);
  const asking = {
    need: await needFor(writer.ctx, writer.session, acts),
    askedById: run?.userId ?? null,
  };
  const { at, action } = await deadlineOf(writer, run);
  // The agent would not ask Studio's own question again.
  const ends = { at, action: isStudios({ rpcId }) ? ("deny" as const) : action };
  const seq = await writer.append({
    type: "approval.requested",
    source: "agent.permission",
    runId,
    payload: { ...payload, expires_at: ends.at, on_expiry: ends.action },
  });
  const approvalId = await writer.ctx.db.insert("approvals", {
    seq,
    organizationId: writer.session.organizationId,
    sessionId: writer.session._id,
    runId,
    key: payload.approval_key,
    rpcId,
    tool: payload.tool,
    toolCallId: payload.tool_call_id,
    summary: payload.summary,
    request: maskSecrets(JSON.stringify(boundedInput(payload.request))),
    // A long one is covered by nothing but itself: its text is not kept.
    ...(subject !== null && subject.length <= MAX_INLINE_CHARS && { subject }),
    expiresAt: ends.at,
    onExpiry: ends.action,
    decision: "pending",
    ...(call !== undefined && { call }),
    ...(sameCalls !== undefined && { sameCalls }),
    acts,
    ...(run && { askedById: run.userId }),
  });
  const settled = await settledBefore(writer, payload, subject, asking, { runId, seq });
  const approval = settled && (await writer.ctx.db.get(approvalId));
  if (approval && settled) {
    const { decision, ...by } = settled;
    return await settleApproval(writer, approval, decision, { reason: "rule", ...by });
  }
  const people = await whoMayAnswer(writer.ctx, writer.session, run, {
    need: asking.need,
    now: writer.now,
  });
  const { approval_key: key, summary: text } = payload;
  await notify(writer.ctx, { kind: "approval", session: writer.session, runId, key, text }, people);
  await writer.ctx.scheduler.runAt(ends.at, internal.approvals.expire, { approvalId });
  await waitUntil(writer, ends.at);
}

/**
 * Whoever takes a session over may hear of a question again: of one that is open, and of a subagent's also while its
 * answer is on its way. A subagent's ids are its own for ever; those of JSON-RPC start over with each agent.
 */
async function isKnown(writer: SessionWriter, runId: Id<"runs">, rpcId: string): Promise<boolean> {
  const last = await writer.ctx.db
    .query("approvals")
    .withIndex("by_run_rpc", (q) => q.eq("runId", runId).eq("rpcId", rpcId))
    .order("desc")
    .first();
  return last !== null && (last.decision === "pending" || isSubagents(rpcId));
}

const isSubagents = (rpcId: string): boolean => rpcId.startsWith('{"subagent"');

/** Allows a question's subject for the rest of its session, those included that are open already. */
export async function grantForSession(
  writer: SessionWriter,
  { subject, runId, organizationId, sessionId }: Doc<"approvals">,
  personId: Id<"users">,
): Promise<void> {
  if (subject === undefined) return;
  await writer.ctx.db.insert("approvalGrants", { organizationId, sessionId, subject, grantedById: personId });
  const who = { words: `${PERSON}, for this session`, personId };
  // Of one run, and to the letter the same: who may approve one may approve the others.
  for (const open of await pendingOf(writer, runId))
    if (open.subject === subject && open.sameCalls === undefined)
      await settleApproval(writer, open, "approved", { reason: "rule", who });
}

/** Approves what a run still asks where its rules, as they are now, allow it. */
export async function settleByRules(writer: SessionWriter, runId: Id<"runs">): Promise<void> {
  for (const open of await pendingOf(writer, runId)) {
    if (open.sameCalls !== undefined) continue;
    const asked = askedBy(open);
    const notes = asked && (await notesOf(writer, open));
    if (!asked || notes?.some((note) => note.unchecked === true)) continue;
    const asking = {
      need: await needFor(writer.ctx, writer.session, actsOf(open)),
      askedById: open.askedById ?? null,
    };
    const { action, rules } = await verdictOf(writer.ctx, writer.session, asked, asking);
    if (action !== "auto_approve" || rules.length === 0) continue;
    await noteUse(writer.ctx, rules);
    await settleApproval(writer, open, "approved", {
      reason: "rule",
      who: { words: ruleWords(rules) },
      rules: rules.slice(0, RULES_SHOWN),
    });
  }
}

/** What was noted of a question that is open: without it, nothing is known to be safe. */
async function notesOf(writer: SessionWriter, { sessionId, seq }: Doc<"approvals">) {
  const event = await writer.ctx.db
    .query("sessionEvents")
    .withIndex("by_session_seq", (q) => q.eq("sessionId", sessionId).eq("seq", seq ?? 0))
    .unique();
  const payload = event && (JSON.parse(event.payload) as PayloadOf<"approval.requested">);
  return payload ? (payload.notes ?? []) : [{ unchecked: true }];
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
  by: {
    reason: Reason;
    who?: Who;
    forSession?: boolean;
    message?: string;
    /** Those that decided. */
    rules?: readonly NamedRule[];
    /** The one that a person has made with the decision. */
    madeRule?: MadeRule;
  },
): Promise<void> {
  await writer.ctx.db.patch(approval._id, {
    decision,
    decidedAt: writer.now,
    reason: by.reason,
    ...(by.who && { decidedBy: by.who.words }),
    ...(by.who?.personId && { decidedById: by.who.personId }),
  });
  await approvalOver(writer, approval);
  const common = { runId: approval.runId, source: "studio.approval" };
  const tool = { tool_call_id: approval.toolCallId, tool_name: approval.tool };
  const detail = { personId: by.who?.personId };
  const words = by.who?.words ?? by.reason;
  await writer.append(
    {
      ...common,
      type: "approval.decided",
      payload: {
        approval_key: approval.key,
        tool_call_id: approval.toolCallId,
        decision,
        reason: by.reason,
        ...(by.who && { decided_by: words }),
        ...(by.forSession && { for_session: true }),
        ...(by.rules && by.rules.length > 0 && { rules: [...by.rules] }),
        ...(by.madeRule && { made_rule: by.madeRule }),
        ...(by.message !== undefined && { message: by.message }),
      },
    },
    detail,
  );
  if (decision === "approved")
    await writer.append(
      { ...common, type: "tool.approved", payload: { ...tool, approved_by: words } },
      detail,
    );
  else
    await writer.append(
      {
        ...common,
        type: "tool.denied",
        payload: { ...tool, denied_by: words, reason: by.message ?? DENIALS[by.reason] },
      },
      detail,
    );
  if (approval.parkedAt !== undefined && by.message !== undefined)
    await writer.ctx.db.patch(approval._id, { deniedBecause: by.message });
  // The asker is gone.
  const isAnswer = by.reason !== "run_ended" && by.reason !== "agent_restarted";
  if (isAnswer) sameCallDecided(writer, approval, decision);
  if (isAnswer && isLive(writer.session.status) && !isStudios(approval))
    await tellAgent(writer, {
      rpcId: approval.rpcId,
      optionId: decision === "approved" ? "once" : "reject",
      toolCallId: approval.toolCallId,
      ...(decision === "denied" && { message: forAgent(by.reason, by.message, approval.sameCalls) }),
    });
  await waitForPeople(writer, approval.runId);
}

export type MadeRule = NonNullable<PayloadOf<"approval.decided">["made_rule"]>;

type Told = Omit<Extract<Doc<"sessionCommands">["command"], { kind: "decision" }>, "kind">;

/** Queues the answer to a question for its agent. */
async function tellAgent(writer: SessionWriter, told: Told): Promise<void> {
  const { organizationId, _id: sessionId } = writer.session;
  await writer.ctx.db.insert("sessionCommands", {
    organizationId,
    sessionId,
    status: "queued",
    command: { kind: "decision", ...told },
  });
}

/** The session waits for a person as long as a run's agent still asks for leave, or for an answer. */
export async function waitForPeople(writer: SessionWriter, runId: Id<"runs">): Promise<void> {
  if (await asksPeople(writer, runId)) return;
  goOnWaited(writer);
  if (writer.session.waitingFor === "approval") await writer.wait(null);
}

async function asksPeople(writer: SessionWriter, runId: Id<"runs">): Promise<boolean> {
  return (await pendingOf(writer, runId)).length + (await openQuestions(writer.ctx, runId)).length > 0;
}

/** Ends a wait for something else: what is left is what a person is asked, if anything is. */
export async function endWait(writer: SessionWriter): Promise<void> {
  const runId = writer.session.activeRunId;
  await writer.wait(runId && (await asksPeople(writer, runId)) ? "approval" : null);
}

const DENIALS: Record<Reason, string> = {
  person: "Denied by a person.",
  rule: "Denied by a rule.",
  timeout: "No one answered in time, so it was denied.",
  agent_restarted: "The agent restarted before anyone answered. It asks again.",
  run_ended: "The run ended before anyone answered.",
  withdrawn: "The agent withdrew it before anyone answered.",
};

/** A refusal as the agent is told of it: who refused, and why. */
function forAgent(reason: Reason, message: string | undefined, sameCalls: number | undefined): string {
  if (sameCalls !== undefined && reason !== "rule" && message === undefined)
    return `You made this same call ${sameCalls} times in a row, and it wasn't allowed again. Don't repeat it: try another way, or say what keeps you.`;
  if (reason === "person")
    return message === undefined
      ? "A person denied this. Don't try it another way; continue without it, or say what you need it for."
      : `A person denied this and says: ${message}`;
  if (reason === "timeout")
    return "No one answered in time, so this wasn't done. Continue without it, or say what is left to do.";
  return message ?? DENIALS[reason];
}

const approvalOver = async ({ ctx, now }: SessionWriter, { runId, key }: Doc<"approvals">): Promise<void> =>
  await notificationsOver(ctx, { runId, kind: "approval", key }, now);

/** An approval that nobody had decided on, of a call that ran all the same. */
export async function bypassApproval(writer: SessionWriter, approval: Doc<"approvals">): Promise<void> {
  await writer.ctx.db.patch(approval._id, {
    decision: "bypassed",
    decidedAt: writer.now,
    reason: "violation",
  });
  await approvalOver(writer, approval);
  await writer.append({
    type: "approval.decided",
    source: "studio.approval",
    runId: approval.runId,
    payload: {
      approval_key: approval.key,
      tool_call_id: approval.toolCallId,
      decision: "bypassed",
      reason: "violation",
    },
  });
}

/** Ends what is still asked when its run has ended, or the agent that asked. */
export async function closeApprovals(
  writer: SessionWriter,
  runId: Id<"runs">,
  reason: "run_ended" | "agent_restarted" = "run_ended",
): Promise<void> {
  for (const approval of await pendingOf(writer, runId))
    await settleApproval(writer, approval, "denied", { reason });
}
