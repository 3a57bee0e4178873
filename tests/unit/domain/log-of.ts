import type { EventEnvelope } from "#domain/events.ts";

export type Draft = readonly [type: string, payload: Record<string, unknown>, runId?: string];

/** A session's log with these events, a second apart. */
export const logOf = (drafts: readonly Draft[]): EventEnvelope[] =>
  drafts.map(([type, payload, runId], index) => ({
    event_id: `e${index + 1}`,
    seq: index + 1,
    type,
    ts: new Date(index * 1_000).toISOString(),
    source: "test",
    session_id: "s",
    ...(runId !== undefined && { run_id: runId }),
    payload,
  }));
