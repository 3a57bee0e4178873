import { api } from "../../../convex/_generated/api.js";
import type { Principal } from "../../domain/principal.ts";
import { dataFor } from "../convex/client.ts";
import { currentTraceparent } from "../request-context.ts";
import { wakeSession } from "../engine/wake.ts";

/**
 * Sends a message to a session: its run starts at once, or waits for the one at work.
 * @returns the run's id
 */
export async function sendMessage(caller: Principal, sessionId: string, message: string): Promise<string> {
  const traceparent = currentTraceparent();
  const started = await dataFor(caller).mutation(api.runs.start, {
    sessionId,
    message,
    ...(traceparent !== undefined && { traceparent }),
  });
  wakeSession(started.sessionId);
  return started.runId;
}
