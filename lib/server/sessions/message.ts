import { api } from "../../../convex/_generated/api.js";
import { DEADLINES } from "../../domain/lifecycle.ts";
import type { Principal } from "../../domain/principal.ts";
import type { Session } from "../../domain/session.ts";
import { dataFor } from "../convex/client.ts";
import { engine } from "../engine/engine.ts";
import { extendSandbox } from "../sandbox/sandbox.ts";

/** Sends a message to a session: its run starts at once, or waits for the one that is going. */
export async function sendMessage(caller: Principal, sessionId: string, message: string): Promise<string> {
  const started = await dataFor(caller).mutation(api.runs.start, { sessionId, message });
  engine().wake(started.sessionId);
  return started.runId;
}

/** Decides one question of the agent, once. @param reason with a denial: what the agent is told */
export async function decide(
  caller: Principal,
  runId: string,
  key: string,
  decision: "approved" | "approved_for_session" | "denied" | "abort",
  reason?: string,
): Promise<void> {
  const args = { runId, key, decision, ...(reason !== undefined && { reason }) };
  const { sessionId } = await dataFor(caller).mutation(api.approvals.decide, args);
  engine().wake(sessionId);
}

/** Answers what the agent asks of a person, once; null dismisses it. */
export async function answerQuestion(
  caller: Principal,
  within: { runId: string } | { sessionId: string },
  key: string,
  answers: string[][] | null,
): Promise<void> {
  const { sessionId } = await dataFor(caller).mutation(api.questions.answer, { within, key, answers });
  engine().wake(sessionId);
}

/** Stops the running run; the session stays. */
export async function cancelRun(caller: Principal, sessionId: string, runId?: string): Promise<void> {
  const cancelled = await dataFor(caller).mutation(api.runs.cancel, { sessionId, ...(runId && { runId }) });
  engine().wake(cancelled.sessionId);
}

/** Changes a session's title, its cap, or whether its agent is asked at all, or puts it away. */
export async function updateSession(
  caller: Principal,
  sessionId: string,
  {
    archived,
    ...change
  }: {
    title?: string | undefined;
    budgetCapMicroUsd?: number | null | undefined;
    autoApprove?: boolean | undefined;
    archived?: boolean | undefined;
  },
): Promise<Session> {
  const data = dataFor(caller);
  const changed =
    archived === undefined || Object.keys(change).length > 0
      ? await data.mutation(api.sandboxSessions.update, { sessionId, ...change })
      : undefined;
  if (archived !== undefined) return await data.mutation(api.sessionLists.archive, { sessionId, archived });
  return changed ?? (await data.query(api.sandboxSessions.get, { sessionId }));
}

/** Starts the idle clock anew, the session's and its sandbox's. */
export async function keepAlive(caller: Principal, sessionId: string): Promise<void> {
  const { sandboxId, idleTimeoutMs } = await dataFor(caller).mutation(api.sandboxSessions.keepalive, {
    sessionId,
  });
  if (sandboxId !== null) await extendSandbox(sandboxId, idleTimeoutMs + DEADLINES.sandboxGraceMs);
}

/**
 * Stops a session and ends its sandbox. Where the sandbox service does not answer now, the sweep ends it later.
 * Again, it does nothing.
 */
export async function stopSession(caller: Principal, sessionId: string): Promise<void> {
  const data = dataFor(caller);
  await data.mutation(api.sandboxSessions.stop, { sessionId });
  const session = await data.query(api.sandboxSessions.get, { sessionId });
  if (session.sandboxId !== null) await engine().endSandbox(session.id, session.sandboxId);
}
