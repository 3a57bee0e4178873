import { api } from "#convex/_generated/api.js";
import type { Principal } from "#domain/principal.ts";
import { dataFor } from "../convex/client.ts";
import { approvalOf } from "#domain/run-events.ts";
import { refuse } from "../http/refuse.ts";
import { wakeSession } from "../engine/wake.ts";

/** Approves or denies by an approval's name across runs. @throws HttpError not_found | forbidden | already_decided */
export async function approve(
  caller: Principal,
  id: string,
  { approve: yes, reason }: { approve: boolean; reason?: string | undefined },
): Promise<void> {
  const named = approvalOf(id);
  if (!named) throw refuse("approval_not_found");
  await decide(caller, named.runId, named.key, yes ? "approved" : "denied", reason);
}

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
