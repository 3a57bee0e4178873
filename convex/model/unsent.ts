import type { SessionWriter } from "./session-writer.ts";
import { countFailure } from "./failures.ts";
import { leaveSandbox, sessionEnded } from "./runs.ts";

const SOURCE = "studio.runs";
const LOST =
  "The sandbox was lost before the message reached the agent. The session goes on in another one, from what was saved.";

/**
 * Stops a session whose sandbox was lost before its agent was sent the message that runs, and keeps that message: once the
 * sandbox is seen to be gone, the session goes on with it in another one (`goOnOnceGone`). Of a message that was sent
 * nobody knows what it has done, and one goes on so once alone. The caller saves the writer.
 * @returns false where that is not so, and nothing was changed
 */
export async function keepUnsent(writer: SessionWriter): Promise<boolean> {
  const { ctx, session } = writer;
  const run = session.activeRunId && (await ctx.db.get(session.activeRunId));
  if (!run || run.isCarriedOver === true || run.cancelRequestedAt !== undefined) return false;
  // Its agent has called a model: whatever the commands say, it has begun.
  if (run.lastCallAt !== undefined || run.totalInputTokens > 0) return false;
  const queued = await ctx.db
    .query("sessionCommands")
    .withIndex("by_session_status", (q) => q.eq("sessionId", session._id).eq("status", "queued"))
    .take(20);
  const prompt = queued
    .map(({ command }) => command)
    .find((command) => command.kind === "prompt" && command.runId === run._id);
  // Another text is what an agent is told that goes on with a run: this one has begun.
  if (prompt?.kind !== "prompt" || !prompt.text.endsWith(run.input)) return false;
  const recap = prompt.text.slice(0, prompt.text.length - run.input.length);
  await ctx.db.patch(run._id, {
    status: "pending",
    isCarriedOver: true,
    startedAt: undefined,
    startedSeq: undefined,
    previousTurn: undefined,
  });
  writer.patch({ activeRunId: undefined, ...(recap !== "" && { recap }) });
  await leaveSandbox(writer);
  await writer.append({
    type: "message.system",
    source: SOURCE,
    runId: run._id,
    payload: { content: LOST, level: "warning" },
  });
  await writer.append({
    type: "run.queued",
    source: SOURCE,
    runId: run._id,
    payload: { input: run.input, position: 1 },
  });
  await writer.move("stopped", { waitingFor: "sandbox" });
  await countFailure(ctx, "session", "sandbox_lost");
  await sessionEnded(writer, LOST);
  return true;
}
