import type { FunctionReturnType } from "convex/server";
import type { api } from "#convex/_generated/api.js";
import type { EventEnvelope } from "#domain/events.ts";

type Row = FunctionReturnType<typeof api.events.tail>["events"][number];

/** A stored event in the envelope that every surface shows. */
export function toEnvelope(row: Row): EventEnvelope {
  return {
    event_id: row.id,
    type: row.type,
    ts: new Date(row.ts).toISOString(),
    session_id: row.sessionId,
    ...(row.runId !== null && { run_id: row.runId }),
    seq: row.seq,
    source: row.source,
    payload: JSON.parse(row.payload) as Record<string, unknown>,
    ...(row.costMicroUsd !== null && { cost_usd: row.costMicroUsd / 1_000_000 }),
  };
}
