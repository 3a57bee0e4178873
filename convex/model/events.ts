import type { Doc } from "../_generated/dataModel";
import type { Names } from "./people.ts";

/** An event as it travels: `payload` is JSON text, with people's present names; `ts` is epoch milliseconds. */
export async function toWire(row: Doc<"sessionEvents">, names: Names) {
  return {
    id: row._id,
    seq: row.seq,
    type: row.type,
    ts: row.ts,
    source: row.source,
    payload: await names.payloadOf(row),
    sessionId: row.sessionId,
    runId: row.runId ?? null,
    costMicroUsd: row.costMicroUsd ?? null,
  };
}
