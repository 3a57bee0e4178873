import { api } from "#convex/_generated/api.js";
import type { Principal } from "#domain/principal.ts";
import { dataFor } from "../convex/client.ts";
import { wakeSession } from "../engine/wake.ts";

/** Decides one approval that the agent asked for, once. @param reason with a denial: what the agent is told */
export async function decide(
  caller: Principal,
  runId: string,
  key: string,
  decision: "approved" | "approved_for_session" | "denied" | "abort",
  reason?: string,
): Promise<void> {
  const args = { runId, key, decision, ...(reason !== undefined && { reason }) };
  const { sessionId } = await dataFor(caller).mutation(api.approvals.decide, args);
  wakeSession(sessionId);
}
