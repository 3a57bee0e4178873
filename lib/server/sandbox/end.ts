import { api } from "#convex/_generated/api.js";
import type { Id } from "#convex/_generated/dataModel.js";
import { serviceData } from "../convex/client.ts";
import { killSandbox } from "./sandbox.ts";

/**
 * Ends the sandbox of a session that is over, where it has one, and notes that. Idempotent.
 * @throws the SDK's own errors where the sandbox service does not answer: the sweep does it later
 */
export async function endSandbox(sessionId: Id<"sandboxSessions">, sandboxId: string | null): Promise<void> {
  if (sandboxId !== null) await killSandbox(sandboxId);
  await serviceData().mutation(api.sandboxSessions.cleanedUp, { sessionId });
}
