import type { Doc } from "../_generated/dataModel";

/** An event as it travels: `payload` is JSON text, `ts` epoch milliseconds. */
export function toWire(row: Doc<"sessionEvents">) {
  return {
    id: row._id,
    seq: row.seq,
    type: row.type,
    ts: row.ts,
    source: row.source,
    payload: row.payload,
    sessionId: row.sessionId,
    runId: row.runId ?? null,
    costMicroUsd: row.costMicroUsd ?? null,
  };
}
