import { api } from "#convex/_generated/api.js";
import type { Id } from "#convex/_generated/dataModel.js";
import { serviceData } from "../convex/client.ts";
import { killSandbox, sandboxRuns } from "./sandbox.ts";

/**
 * Ends the sandbox of a session that is over, where it has one, and notes that. Idempotent.
 * @throws the SDK's own errors where the sandbox service does not answer: the sweep does it later
 */
export async function endSandbox(sessionId: Id<"sandboxSessions">, sandboxId: string | null): Promise<void> {
  const ended = sandboxId === null ? undefined : await killed(sandboxId);
  await serviceData().mutation(api.sandboxSessions.cleanedUp, { sessionId, ...(ended && { ended }) });
}

/** Ends a sandbox that no session's row tells of, with its meter. @throws the SDK's own errors */
export async function endMetered(sandboxId: string): Promise<void> {
  const ended = await killed(sandboxId);
  await serviceData().mutation(api.sandboxMeters.seen, { ...ended, ended: true });
}

/** Ends a sandbox, and tells whether it ran until then. */
async function killed(sandboxId: string): Promise<{ sandboxId: string; ran: boolean; at: number }> {
  const ran = await killSandbox(sandboxId);
  return { sandboxId, ran, at: Date.now() };
}

/** Looks whether a sandbox still runs, so that its time is counted. Where nobody can tell, it is looked at again later. */
export async function countSandbox(sandboxId: string): Promise<void> {
  const at = Date.now();
  const ran = await sandboxRuns(sandboxId);
  if (ran !== undefined)
    await serviceData().mutation(api.sandboxMeters.seen, { sandboxId, at, ran, ended: false });
}
