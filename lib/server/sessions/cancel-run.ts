import { api } from "#convex/_generated/api.js";
import type { Principal } from "#domain/principal.ts";
import { dataFor } from "../convex/client.ts";
import { wakeSession } from "../engine/wake.ts";

/** Stops the run at work, or the one that is named; the session stays. */
export async function cancelRun(caller: Principal, sessionId: string, runId?: string): Promise<void> {
  const cancelled = await dataFor(caller).mutation(api.runs.cancel, { sessionId, ...(runId && { runId }) });
  wakeSession(cancelled.sessionId);
}

/** Stops a run, or takes it back, by its own id alone. */
export async function cancelRunById(caller: Principal, runId: string): Promise<void> {
  const { sessionId } = await dataFor(caller).query(api.runs.get, { runId });
  await cancelRun(caller, sessionId, runId);
}
