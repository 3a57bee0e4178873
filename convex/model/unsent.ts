import type { Doc } from "../_generated/dataModel";
import { countFailure } from "./failures.ts";
import { closeRun, leaveSandbox, openRuns, type RunEnding, sessionEnded } from "./runs.ts";
import type { SessionWriter } from "./session-writer.ts";

const SOURCE = "studio.runs";
const LOST =
  "The sandbox was lost before the message reached the agent. The session goes on in another one, from what was saved.";
const LOST_IN_TURN =
  "The sandbox was lost during the turn. The session goes on with the next message in another one, from what was saved.";

/**
 * Stops a session whose sandbox was lost in a turn, and keeps what its agent was not sent yet: once the sandbox is seen to
 * be gone, the session goes on with that in another one (`goOnOnceGone`). Of a message that was sent nobody knows what it
 * has done: it ends, and the next one goes on. Each goes on so once alone. The caller saves the writer.
 * @param lost how a message that was sent ends
 * @returns false where there is nothing to go on with, and nothing was changed
 */
export async function keepUnsent(writer: SessionWriter, lost: RunEnding): Promise<boolean> {
  const { session } = writer;
  const running = session.activeRunId && (await writer.ctx.db.get(session.activeRunId));
  if (!running) return false;
  const recap = await recapOfUnsent(writer, running);
  const [waiting] = recap === undefined ? await openRuns(writer, "pending") : [running];
  if (!waiting || waiting.isCarriedOver === true) return false;
  const said = recap === undefined ? LOST_IN_TURN : LOST;
  if (recap === undefined) await closeRun(writer, running, endingOf(running, lost));
  await writer.ctx.db.patch(waiting._id, {
    status: "pending",
    isCarriedOver: true,
    startedAt: undefined,
    startedSeq: undefined,
    previousTurn: undefined,
  });
  writer.patch({ activeRunId: undefined, ...(recap && { recap }) });
  await leaveSandbox(writer);
  await writer.append({
    type: "message.system",
    source: SOURCE,
    runId: waiting._id,
    payload: { content: said, level: "warning" },
  });
  if (recap !== undefined)
    await writer.append({
      type: "run.queued",
      source: SOURCE,
      runId: waiting._id,
      payload: { input: waiting.input, position: 1 },
    });
  await writer.move("stopped", { waitingFor: "sandbox" });
  await countFailure(writer.ctx, "session", "sandbox_lost");
  await sessionEnded(writer, said);
  return true;
}

/** What a person has stopped was stopped, whatever became of its sandbox. */
const endingOf = ({ cancelRequestedAt }: Doc<"runs">, lost: RunEnding): RunEnding =>
  cancelRequestedAt === undefined ? lost : { status: "cancelled", message: "The run was stopped." };

/**
 * What the agent was to be told in front of the message that runs, where it was not sent it.
 * @returns undefined where it may have been, or where that message is not to go on
 */
async function recapOfUnsent(writer: SessionWriter, run: Doc<"runs">): Promise<string | undefined> {
  if (run.isCarriedOver === true || run.cancelRequestedAt !== undefined) return undefined;
  // Its agent has called a model: whatever the commands say, it has begun.
  if (run.lastCallAt !== undefined || run.totalInputTokens > 0) return undefined;
  const queued = await writer.ctx.db
    .query("sessionCommands")
    .withIndex("by_session_status", (q) => q.eq("sessionId", run.sessionId).eq("status", "queued"))
    .take(20);
  const prompt = queued
    .map(({ command }) => command)
    .find((command) => command.kind === "prompt" && command.runId === run._id);
  // Another text is what an agent is told that goes on with a run: this one has begun.
  if (prompt?.kind !== "prompt" || !prompt.text.endsWith(run.input)) return undefined;
  return prompt.text.slice(0, prompt.text.length - run.input.length);
}
