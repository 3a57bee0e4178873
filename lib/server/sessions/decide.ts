import { api } from "#convex/_generated/api.js";
import type { Principal } from "#domain/principal.ts";
import { dataFor } from "../convex/client.ts";
import { approvalOf } from "#domain/run-events.ts";
import { startProvisioning, wakeSession } from "../engine/wake.ts";

/** Approves or denies by an approval's name across runs. @throws HttpError not_found | forbidden | already_decided */
export async function approve(
  caller: Principal,
  id: string,
  { approve: yes, reason }: { approve: boolean; reason?: string | undefined },
): Promise<void> {
  // What names none is for Convex to refuse, once it knows what the caller may do.
  const { runId, key } = approvalOf(id) ?? { runId: id, key: "none" };
  await decide(caller, runId, key, yes ? "approved" : "denied", reason);
}

/**
 * Decides one approval that the agent asked for, once.
 * @param reason with a denial: what the agent is told
 * @param rule with an approval: what is allowed by a rule from now on
 */
export async function decide(
  caller: Principal,
  runId: string,
  key: string,
  decision: "approved" | "approved_for_session" | "denied" | "abort",
  reason?: string,
  rule?: { tool_pattern: string; scope: "session" | "environment" },
): Promise<void> {
  const args = {
    runId,
    key,
    decision,
    ...(reason !== undefined && { reason }),
    ...(rule && { rule: { pattern: rule.tool_pattern, scope: rule.scope } }),
  };
  const { sessionId, provisioning } = await dataFor(caller).mutation(api.approvals.decide, args);
  // One that was parked goes on with the answer.
  if (provisioning) startProvisioning(sessionId);
  else wakeSession(sessionId);
}
