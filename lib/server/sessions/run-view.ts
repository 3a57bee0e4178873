import type { Doc } from "#convex/_generated/dataModel.js";
import type { Run } from "#contracts/sessions.ts";

/** A moment as the API has it; null for none. */
export const iso = (at: number | undefined) => (at === undefined ? null : new Date(at).toISOString());

/**
 * A run as the API has it.
 * @param seq the last of its session's log: how far a run that is going has come
 */
export function toRun(row: Doc<"runs">, seq?: number): Run {
  const last = row.endedSeq ?? (row.status === "running" ? seq : undefined);
  return {
    id: row._id,
    agent_id: row.agentId ?? null,
    agent_name: row.agentName ?? null,
    session_id: row.sessionId,
    input: row.input,
    status: row.status,
    output: row.output ?? null,
    error: row.error ?? null,
    error_kind: row.errorKind ?? null,
    total_events:
      row.startedSeq === undefined || last === undefined ? 0 : Math.max(0, last - row.startedSeq + 1),
    total_tokens: row.totalInputTokens + row.totalOutputTokens,
    total_cost_usd: row.totalCostMicroUsd / 1_000_000,
    returned_usd: (row.refundedMicroUsd ?? 0) / 1_000_000,
    duration_ms:
      row.startedAt !== undefined && row.completedAt !== undefined ? row.completedAt - row.startedAt : null,
    created_at: new Date(row._creationTime).toISOString(),
    started_at: iso(row.startedAt),
    completed_at: iso(row.completedAt),
  };
}
