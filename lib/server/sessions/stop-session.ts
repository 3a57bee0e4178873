import { api } from "#convex/_generated/api.js";
import type { Id } from "#convex/_generated/dataModel.js";
import { CHECKPOINT_TIMES } from "#domain/checkpoints.ts";
import { isLive } from "#domain/lifecycle.ts";
import type { Operator } from "#domain/operator.ts";
import type { Principal } from "#domain/principal.ts";
import { TimedOut, until } from "#net/retry.ts";
import { saveSession } from "../checkpoints/save.ts";
import { dataFor, serviceData } from "../convex/client.ts";
import { log, messageOf } from "../log.ts";
import { endSandbox } from "../sandbox/end.ts";

const LOOK_MS = 250;

/** Saves a session's work before it is stopped. What cannot be saved in time does not keep it from stopping. */
async function saveFirst(sessionId: Id<"sandboxSessions">): Promise<void> {
  const notBusy = async () => (await saveSession(sessionId, "stop")) !== "busy";
  try {
    await until("the checkpoint", notBusy, { timeoutMs: CHECKPOINT_TIMES.stopMs, everyMs: LOOK_MS });
  } catch (error) {
    if (!(error instanceof TimedOut))
      log("warn", "a session was not saved before its stop", { sessionId, error: messageOf(error) });
  }
}

/**
 * Stops a session once its work is saved, and ends its sandbox; where the sandbox service does not answer now, the sweep
 * ends it. Idempotent.
 */
export async function stopSession(caller: Principal, sessionId: string): Promise<void> {
  const data = dataFor(caller);
  const before = await data.query(api.sandboxSessions.get, { sessionId });
  const id = before.id as Id<"sandboxSessions">;
  if (isLive(before.status) && before.sandboxId !== null) {
    // Who may not stop it has nothing saved, either.
    await data.mutation(api.sandboxSessions.keepalive, { sessionId });
    await saveFirst(id);
  }
  await data.mutation(api.sandboxSessions.stop, { sessionId });
  const session = await data.query(api.sandboxSessions.get, { sessionId });
  await endOf(id, session.sandboxId);
}

async function endOf(sessionId: Id<"sandboxSessions">, sandboxId: string | null): Promise<void> {
  if (sandboxId === null) return;
  await endSandbox(sessionId, sandboxId).catch((error: unknown) =>
    log("warn", "a sandbox could not be ended yet", { sessionId, error: messageOf(error) }),
  );
}

/** The same for a live session of whichever organization, on an operator's word. @throws not_found | session_stopped */
export async function stopForOperator(operator: Operator, name: string, reason: string): Promise<void> {
  const data = serviceData();
  const { sessionId, sandboxId } = await data.query(api.operatorSessions.toEnd, { sessionId: name });
  if (sandboxId !== null) await saveFirst(sessionId);
  await data.mutation(api.operatorSessions.end, { operator, sessionId, reason });
  await endOf(sessionId, sandboxId);
}
