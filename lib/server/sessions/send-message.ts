import { api } from "#convex/_generated/api.js";
import type { Principal } from "#domain/principal.ts";
import { dataFor } from "../convex/client.ts";
import { currentTraceparent } from "../request-context.ts";
import { startProvisioning, wakeSession } from "../engine/wake.ts";

/**
 * Sends a message to a session: its run starts at once, or waits for the one at work. One that has ended goes on with it.
 * @param named a name of the caller's for it, under which it is sent once
 * @returns the run's id
 */
export async function sendMessage(
  caller: Principal,
  sessionId: string,
  message: string,
  named: { requestKey?: string; digest?: string } = {},
): Promise<string> {
  const traceparent = currentTraceparent();
  const started = await dataFor(caller).mutation(api.runs.start, {
    sessionId,
    message,
    ...named,
    ...(traceparent !== undefined && { traceparent }),
  });
  if (started.provisioning) startProvisioning(started.sessionId);
  else wakeSession(started.sessionId);
  return started.runId;
}
