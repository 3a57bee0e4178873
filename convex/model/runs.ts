import { MAX_ARTIFACT_CHARS } from "#domain/artifacts.ts";
import { PERSON } from "#domain/event-people.ts";
import type { EventDraft } from "#domain/events.ts";
import { canMove, MAX_QUEUED_RUNS, titleOf, UNTITLED } from "#domain/lifecycle.ts";
import { maskSecrets } from "#domain/mask.ts";
import { isPlatformsFault } from "#domain/refunds.ts";
import type { Doc, Id } from "../_generated/dataModel";
import { endGreen, greenOf, runOver } from "./green.ts";
import { type Caller, refuse } from "../functions.ts";
import { countRun } from "./agent-daily.ts";
import { closeApprovals } from "./approvals.ts";
import { releaseHolds } from "./credits.ts";
import { countFailure } from "./failures.ts";
import { frozenReason } from "./frozen.ts";
import { toldAgent } from "./call-events.ts";
import { parkedPrompt } from "./parked-prompt.ts";
import { demandSave } from "./checkpoints.ts";
import { closeQuestions } from "./questions.ts";
import { refundRun } from "./refunds.ts";
import { notifyEnd } from "./run-news.ts";
import { knownTurn } from "./checkpoint-turn.ts";
import { resumeSession } from "./resume.ts";
import { indexText, indexTitle } from "./search-texts.ts";
import type { SessionWriter } from "./session-writer.ts";
import { type PromptSkills, promptSkills } from "./skill-prompts.ts";
import { refuseStopping, stopsAfterTurn } from "./unpaid.ts";
import { tellEnd } from "./webhooks.ts";

const SOURCE = "studio.runs";

export async function openRuns(writer: SessionWriter, status: "pending" | "running"): Promise<Doc<"runs">[]> {
  return await writer.ctx.db
    .query("runs")
    .withIndex("by_session_status", (q) => q.eq("sessionId", writer.session._id).eq("status", status))
    .take(MAX_QUEUED_RUNS + 1);
}

/**
 * Takes a person's message: makes its run, and starts it where nothing else runs. A session that has ended goes on.
 * @param options `isUnattended`: no person waits for it; `pursuitId`, `maxCostMicroUsd`: of a run that is an attempt to bring a pull request to green
 * @throws queue_full, and what stands in the way of going on
 */
export async function acceptMessage(
  writer: SessionWriter,
  caller: Pick<Caller, "user"> & { key?: Caller["key"] },
  message: string,
  {
    traceparent,
    ...attempt
  }: { traceparent?: string | undefined } & Pick<
    Doc<"runs">,
    "pursuitId" | "maxCostMicroUsd" | "isUnattended"
  > = {},
): Promise<Id<"runs">> {
  await resumeSession(writer, caller.user._id);
  await refuseStopping(writer);
  const { session } = writer;
  const waiting = (await openRuns(writer, "pending")).length;
  if (waiting >= MAX_QUEUED_RUNS) throw refuse("queue_full", { limit: MAX_QUEUED_RUNS });
  const runId = await writer.ctx.db.insert("runs", {
    organizationId: session.organizationId,
    sessionId: session._id,
    userId: caller.user._id,
    ...(session.agentId && { agentId: session.agentId, agentName: session.agentName }),
    provider: session.provider,
    model: session.model,
    input: message,
    // Names its prompt as JSON-RPC, so that its answer is known again after a change of hands.
    rpcId: crypto.randomUUID(),
    ...(traceparent !== undefined && { traceparent }),
    ...((caller.key || attempt.pursuitId) && { isUnattended: true }),
    ...(caller.key && { keyId: caller.key._id }),
    ...attempt,
    status: "pending",
    totalInputTokens: 0,
    totalOutputTokens: 0,
    totalCostMicroUsd: 0,
    agentCounted: true,
  });
  await countRun(writer.ctx, session, writer.now);
  await writer.append(
    { type: "message.user", source: "ui.user", runId, payload: { content: message, user_name: PERSON } },
    { personId: caller.user._id },
  );
  await indexText(writer.ctx, session, message);
  writer.patch({ lastActivityAt: writer.now });
  if (session.title === UNTITLED) {
    const title = titleOf(message);
    writer.patch({ title });
    await indexTitle(writer.ctx, writer.session);
    await writer.append({ type: "session.renamed", source: SOURCE, payload: { title } });
  }
  if ((session.status === "ready" || session.status === "idle") && session.rewindId === undefined)
    await startNext(writer);
  else
    await writer.append({
      type: "run.queued",
      source: SOURCE,
      runId,
      payload: { input: message, position: waiting + 1 },
    });
  return runId;
}

/** Starts the oldest waiting run, if there is one and the session is free. */
export async function startNext(writer: SessionWriter): Promise<void> {
  if (writer.session.rewindId !== undefined) return;
  if ((await frozenReason(writer.ctx, writer.session.organizationId)) !== null) return;
  const [run] = await openRuns(writer, "pending");
  if (!run || !canMove(writer.session.status, "active")) return;
  if (run.parkedAt !== undefined) return await goOnWith(writer, run);
  const skills = await promptSkills(writer, run);
  if (skills.failure) {
    await failUnsent(writer, run, skills);
    return await startNext(writer);
  }
  if (!(await writer.move("active"))) return;
  const startedSeq = await writer.append({
    type: "run.started",
    source: SOURCE,
    runId: run._id,
    payload: { input: run.input, ...(run.agentId && { agent_id: run.agentId }) },
  });
  for (const event of skills.events) await writer.append(event);
  const previousTurn = await knownTurn(writer);
  await writer.ctx.db.patch(run._id, {
    status: "running",
    startedAt: writer.now,
    startedSeq,
    ...(previousTurn !== undefined && { previousTurn }),
  });
  // What a turn has built on is not taken back any more.
  writer.patch({ undoableId: undefined });
  const { recap = "" } = writer.session;
  writer.patch({ activeRunId: run._id, recap: undefined });
  await toldAgent(writer, run._id, recap);
  // The agent that hung, or that the last run ended by force, has to be there again first.
  if (writer.session.agentRestart !== undefined) await writer.wait("agent-start");
  await writer.ctx.db.insert("sessionCommands", {
    organizationId: run.organizationId,
    sessionId: run.sessionId,
    status: "queued",
    ...(run.traceparent !== undefined && { traceparent: run.traceparent }),
    command: {
      kind: "prompt",
      runId: run._id,
      rpcId: run.rpcId,
      text: recap + run.input,
      ...(skills.texts.length > 0 && { skills: skills.texts }),
    },
  });
}

/** Goes on with a run that was parked: its agent is told what was answered meanwhile. */
async function goOnWith(writer: SessionWriter, run: Doc<"runs">): Promise<void> {
  if (!(await writer.move("active"))) return;
  await writer.append({ type: "run.resumed", source: SOURCE, runId: run._id, payload: {} });
  const { recap = "" } = writer.session;
  writer.patch({ activeRunId: run._id, recap: undefined });
  const rpcId = crypto.randomUUID();
  const text = recap + (await parkedPrompt(writer, run));
  await toldAgent(writer, run._id, text);
  await writer.ctx.db.patch(run._id, { status: "running", rpcId, parkedAt: undefined });
  await writer.ctx.db.insert("sessionCommands", {
    organizationId: run.organizationId,
    sessionId: run.sessionId,
    status: "queued",
    command: { kind: "prompt", runId: run._id, rpcId, text },
  });
}

/** Ends a run that is never sent, since what its message names can't be had: no turn of the agent's. */
async function failUnsent(
  writer: SessionWriter,
  run: Doc<"runs">,
  { events, failure }: PromptSkills,
): Promise<void> {
  if (!failure) return;
  const startedSeq = await writer.append({
    type: "run.started",
    source: SOURCE,
    runId: run._id,
    payload: { input: run.input, ...(run.agentId && { agent_id: run.agentId }) },
  });
  await writer.ctx.db.patch(run._id, { startedAt: writer.now, startedSeq });
  for (const event of events) await writer.append(event);
  await closeRun(writer, { ...run, startedAt: writer.now, startedSeq }, { status: "failed", ...failure });
}

export type RunEnding =
  | { status: "completed"; output: string; stopReason: string }
  | { status: "failed"; error: string; errorKind: string; details?: Record<string, unknown> }
  /** `personId`: whom the message's `PERSON` stands for. */
  | { status: "cancelled"; message: string; personId?: Id<"users"> };

function endEvent(run: Doc<"runs">, ending: RunEnding, writer: SessionWriter): EventDraft {
  const common = { source: SOURCE, runId: run._id };
  switch (ending.status) {
    case "completed":
      return {
        ...common,
        type: "run.completed",
        payload: {
          output: ending.output,
          stop_reason: ending.stopReason,
          total_events: writer.stream.seq - (run.startedSeq ?? writer.stream.seq) + 2,
          total_duration_ms: writer.now - (run.startedAt ?? writer.now),
          total_tokens: run.totalInputTokens + run.totalOutputTokens,
        },
      };
    case "failed":
      return {
        ...common,
        type: "run.failed",
        payload: {
          error: ending.error,
          error_kind: ending.errorKind,
          failed_at_seq: writer.stream.seq + 1,
          ...(ending.details && { details: ending.details }),
        },
      };
    case "cancelled":
      return { ...common, type: "run.cancelled", payload: { message: ending.message } };
  }
}

/** Takes commands out of those that wait, sent or not. */
export async function closeCommands(
  writer: SessionWriter,
  isOver: (command: Doc<"sessionCommands">["command"]) => boolean,
): Promise<void> {
  for (const status of ["queued", "sending"] as const) {
    const rows = await writer.ctx.db
      .query("sessionCommands")
      .withIndex("by_session_status", (q) => q.eq("sessionId", writer.session._id).eq("status", status))
      .take(50);
    for (const row of rows) if (isOver(row.command)) await writer.ctx.db.patch(row._id, { status: "done" });
  }
}

/** An agent takes a call that brought nothing for the end of its work: where there is none, the run has failed. */
function trueEnding(run: Doc<"runs">, ending: RunEnding): RunEnding {
  if (ending.status !== "completed" || !run.fruitlessCalls || ending.output.trim() !== "") return ending;
  return { status: "failed", error: run.fruitlessReason ?? "", errorKind: "no_answer" };
}

/** Ends one run, with its approvals; a run that has ended already stays as it is. */
export async function closeRun(
  writer: SessionWriter,
  run: Doc<"runs">,
  agentsEnding: RunEnding,
): Promise<void> {
  const ending = trueEnding(run, agentsEnding);
  await closeQuestions(writer, run._id, "run_ended");
  await closeApprovals(writer, run._id);
  await closeCommands(writer, (command) => command.kind === "prompt" && command.runId === run._id);
  const personId = ending.status === "cancelled" ? ending.personId : undefined;
  const endedSeq = await writer.append(endEvent(run, ending, writer), { personId });
  await writer.ctx.db.patch(run._id, {
    status: ending.status,
    endedSeq,
    completedAt: writer.now,
    ...(ending.status === "completed" && { output: maskSecrets(ending.output.slice(0, MAX_ARTIFACT_CHARS)) }),
    ...(ending.status === "failed" && { error: maskSecrets(ending.error), errorKind: ending.errorKind }),
  });
  if (ending.status === "failed") await countFailure(writer.ctx, "run", ending.errorKind);
  if (ending.status === "failed" && isPlatformsFault(ending.errorKind)) await refundRun(writer, run);
  if (ending.status === "completed") await indexText(writer.ctx, writer.session, ending.output);
  if (run.status === "running")
    writer.patch({
      lastTurn: run._id,
      lastTurnSeq: endedSeq,
      turnCheckpointId: undefined,
      isMixed: undefined,
    });
  if (writer.session.activeRunId === run._id) writer.patch({ activeRunId: undefined });
  if (run.pursuitId) await runOver(writer, run);
  await tellEnd(writer.ctx, run._id, writer.now);
  await notifyEnd(writer, run, ending);
}

/** Ends the running run, frees the session, and starts the next message that waits. */
export async function endRun(writer: SessionWriter, runId: Id<"runs">, ending: RunEnding): Promise<void> {
  const run = await writer.ctx.db.get(runId);
  if (!run || run.status !== "running" || run.sessionId !== writer.session._id) return;
  // What a person has stopped was stopped, whatever the agent makes of it.
  const stopped = run.cancelRequestedAt !== undefined && ending.status !== "cancelled";
  await closeRun(writer, run, stopped ? { status: "cancelled", message: "The run was stopped." } : ending);
  await demandSave(writer.ctx, writer.session, "turn");
  if ((await writer.move("idle")) && !(await stopsAfterTurn(writer))) await startNext(writer);
}

/**
 * Ends the whole session: its runs, its approvals, its keys. The sandbox itself is ended by a server,
 * which `cleanupPending` reminds until it is done.
 */
export async function endSession(
  writer: SessionWriter,
  to: "stopped" | "error",
  detail: { reason: string; personId?: Id<"users">; error?: string; ending: RunEnding },
): Promise<void> {
  for (const status of ["running", "pending"] as const)
    for (const run of await openRuns(writer, status)) await closeRun(writer, run, detail.ending);
  for (const pursuit of await greenOf(writer.ctx, writer.session._id))
    await endGreen(writer, pursuit, "session_ended");
  await leaveSandbox(writer);
  if (!(await writer.move(to, detail.error === undefined ? {} : { error: detail.error }))) return;
  if (to === "error" && detail.ending.status === "failed")
    await countFailure(writer.ctx, "session", detail.ending.errorKind);
  await sessionEnded(writer, detail.reason, detail.personId);
}

/** Ends what a session that has stopped was to go on with, once somebody answers or its sandbox is gone. */
export async function endWaiting(writer: SessionWriter, ending: RunEnding): Promise<void> {
  for (const run of await openRuns(writer, "pending")) await closeRun(writer, run, ending);
  if (writer.session.waitingFor !== null) await writer.wait(null);
}

/** Logs that a session has ended, and why. @param personId whom the reason's `PERSON` stands for */
export async function sessionEnded(
  writer: SessionWriter,
  reason: string,
  personId?: Id<"users">,
): Promise<void> {
  await writer.append(
    {
      type: "session.ended",
      source: "studio.lifecycle",
      payload: {
        reason,
        total_events: writer.stream.seq + 1,
        total_duration_ms: writer.now - Math.floor(writer.session._creationTime),
      },
    },
    { personId },
  );
}

/** Takes back all that a session's sandbox was given, and what was still to be told to its agent. */
export async function leaveSandbox(writer: SessionWriter): Promise<void> {
  const { rewindId } = writer.session;
  if (rewindId) {
    // Of what it was about to replace, all is saved, and comes back when the session is resumed.
    await writer.ctx.db.patch(rewindId, { status: "failed" });
    writer.patch({ rewindId: undefined });
  }
  const keys = await writer.ctx.db
    .query("apiKeys")
    .withIndex("by_session", (q) => q.eq("sessionId", writer.session._id))
    .take(10);
  for (const key of keys)
    if (key.revokedAt === undefined) await writer.ctx.db.patch(key._id, { revokedAt: writer.now });
  const variables = await writer.ctx.db
    .query("sessionVariables")
    .withIndex("by_session", (q) => q.eq("sessionId", writer.session._id))
    .unique();
  if (variables) await writer.ctx.db.delete(variables._id);
  await releaseHolds(writer);
  // No server takes them from here on.
  await closeCommands(writer, () => true);
}

/**
 * Stops one run on a person's word: a waiting one at once, the running one as soon as the agent has let go.
 * @returns false where it has ended, or was to be stopped, already
 */
export async function cancelRun(
  writer: SessionWriter,
  run: Doc<"runs">,
  personId: Id<"users">,
): Promise<boolean> {
  if (run.status === "pending") {
    const verb = run.parkedAt === undefined ? "removed" : "stopped";
    await closeRun(writer, run, { status: "cancelled", message: `${PERSON} ${verb} it.`, personId });
    return true;
  }
  return await askToCancel(writer, run);
}

/** Has the agent let go of the running run. @returns false where it has ended, or was to be stopped, already */
export async function askToCancel(writer: SessionWriter, run: Doc<"runs">): Promise<boolean> {
  if (run.status !== "running" || run.cancelRequestedAt !== undefined) return false;
  await writer.ctx.db.patch(run._id, { cancelRequestedAt: writer.now });
  await writer.ctx.db.insert("sessionCommands", {
    organizationId: run.organizationId,
    sessionId: run.sessionId,
    status: "queued",
    command: { kind: "cancel", runId: run._id },
  });
  return true;
}
