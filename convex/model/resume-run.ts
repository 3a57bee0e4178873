import { RESUME_MESSAGE } from "#domain/lifecycle.ts";
import type { Doc, Id } from "../_generated/dataModel";
import { closeApprovals } from "./approvals.ts";
import { toldAgent } from "./call-events.ts";
import { takeUpTo } from "./paging.ts";
import { closeQuestions } from "./questions.ts";
import { closeCommands, endRun } from "./runs.ts";
import type { SessionWriter } from "./session-writer.ts";

/** What a run has brought forth shows that its message has been taken. */
const OF_AGENT = /^(llm\.(response|thinking)\.chunk|message\.assistant|tool\.)/;

/** Whether something has come of a run; what its log begins with tells. */
async function hasBegun(writer: SessionWriter, run: Doc<"runs">): Promise<boolean> {
  const since = await takeUpTo(
    writer.ctx.db
      .query("sessionEvents")
      .withIndex("by_session_seq", (q) => q.eq("sessionId", run.sessionId).gt("seq", run.startedSeq ?? 0)),
    { rows: 100 },
  );
  return since.some((event) => event.runId === run._id && OF_AGENT.test(event.type));
}

/**
 * Continues a run whose agent was restarted: with its message where nothing had come of it, else with the word
 * to go on. A stop that a person asked for meanwhile ends it.
 */
export async function resumeRun(writer: SessionWriter, runId: Id<"runs">, rpcId: string): Promise<void> {
  const run = await writer.ctx.db.get(runId);
  if (run?.status !== "running") return;
  const commands = await writer.ctx.db
    .query("sessionCommands")
    .withIndex("by_session_status", (q) => q.eq("sessionId", run.sessionId).eq("status", "queued"))
    .take(50);
  const cancel = commands.find(({ command }) => command.kind === "cancel" && command.runId === runId);
  // Answers to what the former agent asked mean nothing to this one.
  for (const { _id, command } of commands)
    if (command.kind !== "prompt") await writer.ctx.db.patch(_id, { status: "done" });
  if (cancel) return await endRun(writer, runId, { status: "cancelled", message: "The run was stopped." });
  await closeQuestions(writer, runId, "agent_restarted");
  await closeApprovals(writer, runId, "agent_restarted");
  const sent = await promptOf(writer, runId);
  await closeCommands(writer, (command) => command.kind === "prompt" && command.runId === runId);
  const taken = await hasBegun(writer, run);
  await writer.ctx.db.patch(runId, { rpcId });
  if (taken) await toldAgent(writer, runId, RESUME_MESSAGE);
  await writer.ctx.db.insert("sessionCommands", {
    organizationId: run.organizationId,
    sessionId: run.sessionId,
    status: "queued",
    command: taken
      ? { kind: "prompt", runId, rpcId, text: RESUME_MESSAGE }
      : { ...(sent ?? { kind: "prompt", runId, text: run.input }), rpcId },
  });
}

/** What the agent was told of a run, with the skills of its message; undefined where nothing of it is kept. */
async function promptOf(
  writer: SessionWriter,
  runId: Id<"runs">,
): Promise<Extract<Doc<"sessionCommands">["command"], { kind: "prompt" }> | undefined> {
  for (const status of ["queued", "sending"] as const) {
    const rows = await writer.ctx.db
      .query("sessionCommands")
      .withIndex("by_session_status", (q) => q.eq("sessionId", writer.session._id).eq("status", status))
      .take(50);
    for (const { command } of rows)
      if (command.kind === "prompt" && command.runId === runId && command.text !== RESUME_MESSAGE)
        return command;
  }
  return undefined;
}
