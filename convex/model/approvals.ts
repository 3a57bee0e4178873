import { boundedInput, MAX_INLINE_CHARS } from "#domain/artifacts.ts";
import { coverOf, isAskedAgain } from "#domain/approval-rules.ts";
import { PERSON } from "#domain/event-people.ts";
import { DEADLINES } from "#domain/lifecycle.ts";
import { maskSecrets } from "#domain/mask.ts";
import { internal } from "../_generated/api";
import type { Doc, Id } from "../_generated/dataModel";
import type { PayloadOf } from "#domain/events.ts";
import { openQuestions } from "./questions.ts";
import type { SessionWriter } from "./session-writer.ts";

type Reason = "person" | "rule" | "timeout" | "run_ended" | "agent_restarted" | "withdrawn";

/** Who decided, in words; where they have `PERSON`, it stands for `personId`. */
interface Who {
  words: string;
  personId?: Id<"users"> | undefined;
}

/** Decides by itself where no decision of a person's could be right. */
const STUDIO: Who = { words: "Studio" };

/** Who has answered a question before it was asked; null where nobody has. */
async function answeredBefore(writer: SessionWriter, subject: string | null): Promise<Who | null> {
  const { _id, autoApprove } = writer.session;
  const grant =
    subject !== null &&
    subject.length <= MAX_INLINE_CHARS &&
    (await writer.ctx.db
      .query("approvalGrants")
      .withIndex("by_session_subject", (q) => q.eq("sessionId", _id).eq("subject", subject))
      .first());
  if (grant)
    return {
      words: `${grant.grantedById ? PERSON : (grant.grantedBy ?? "")}, for this session`,
      personId: grant.grantedById,
    };
  return autoApprove === true ? { words: "Auto-approve of this session" } : null;
}

/**
 * Stores the agent's question; without an answer by its deadline it is denied. One that was answered before, for the
 * whole session, is approved at once; one that Studio refuses is denied at once, whatever was answered before.
 */
export async function openApproval(
  writer: SessionWriter,
  runId: Id<"runs">,
  rpcId: string,
  payload: PayloadOf<"approval.requested">,
): Promise<void> {
  if (await isKnown(writer, runId, rpcId)) return;
  // One act, one question: that for the act itself follows.
  if (isAskedAgain(payload)) return await tellAgent(writer, { rpcId, optionId: "once" });
  const { subject } = coverOf(payload);
  const seq = await writer.append({ type: "approval.requested", source: "agent.permission", runId, payload });
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
    expiresAt: payload.expires_at,
    decision: "pending",
  });
  const { refusal } = payload;
  // What could not be looked at may lead elsewhere, or lose bytes: leave for its like is none for it.
  const unchecked = payload.notes?.some((note) => note.unchecked === true) ?? false;
  const who = refusal !== undefined ? STUDIO : unchecked ? null : await answeredBefore(writer, subject);
  const approval = who && (await writer.ctx.db.get(approvalId));
  if (approval && who && refusal !== undefined)
    return await settleApproval(writer, approval, "denied", { reason: "rule", who, message: refusal });
  if (approval && who) return await settleApproval(writer, approval, "approved", { reason: "rule", who });
  await writer.ctx.scheduler.runAfter(DEADLINES.approvalMs, internal.approvals.expire, { approvalId });
  await writer.wait("approval");
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
  return last !== null && (last.decision === "pending" || rpcId.startsWith('{"subagent"'));
}

/** Allows a question's subject for the rest of its session, those included that are open already. */
export async function grantForSession(
  writer: SessionWriter,
  { subject, runId, organizationId, sessionId }: Doc<"approvals">,
  personId: Id<"users">,
): Promise<void> {
  if (subject === undefined) return;
  await writer.ctx.db.insert("approvalGrants", { organizationId, sessionId, subject, grantedById: personId });
  const who = { words: `${PERSON}, for this session`, personId };
  for (const open of await pendingOf(writer, runId))
    if (open.subject === subject) await settleApproval(writer, open, "approved", { reason: "rule", who });
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
  by: { reason: Reason; who?: Who; forSession?: boolean; message?: string },
): Promise<void> {
  await writer.ctx.db.patch(approval._id, {
    decision,
    decidedAt: writer.now,
    ...(by.who && { decidedBy: by.who.words }),
    ...(by.who?.personId && { decidedById: by.who.personId }),
  });
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
  // The asker is gone.
  if (by.reason !== "run_ended" && by.reason !== "agent_restarted")
    await tellAgent(writer, {
      rpcId: approval.rpcId,
      optionId: decision === "approved" ? "once" : "reject",
      toolCallId: approval.toolCallId,
      ...(decision === "denied" && { message: forAgent(by.reason, by.message) }),
    });
  await waitForPeople(writer, approval.runId);
}

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
  if (writer.session.waitingFor === "approval" && !(await asksPeople(writer, runId))) await writer.wait(null);
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
function forAgent(reason: Reason, message: string | undefined): string {
  if (reason === "person")
    return message === undefined
      ? "A person denied this. Don't try it another way; continue without it, or say what you need it for."
      : `A person denied this and says: ${message}`;
  if (reason === "timeout")
    return "No one answered in time, so this wasn't done. Continue without it, or say what is left to do.";
  return message ?? DENIALS[reason];
}

/** An approval that nobody had decided on, of a call that ran all the same. */
export async function bypassApproval(writer: SessionWriter, approval: Doc<"approvals">): Promise<void> {
  await writer.ctx.db.patch(approval._id, { decision: "bypassed", decidedAt: writer.now });
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
