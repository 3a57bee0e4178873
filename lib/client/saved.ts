import { call } from "./api.ts";

/** Where words stand in a session's files as they were last saved. */
export const searchFiles = async (id: string, text: string) =>
  await call("GET /api/studio/sessions/{id}/files/search", { params: { id }, query: { text } });

/** A checkpoint as the log tells of it. */
export interface LoggedCheckpoint {
  id: string;
  seq: number;
  /** Epoch milliseconds. */
  at: number;
}

/** Pages of a filtered log that are read, each of which looks at many events. */
const MAX_PAGES = 20;

/** The checkpoints that a session's log tells of, the oldest first: some of them may be gone. */
export async function loggedCheckpoints(id: string): Promise<LoggedCheckpoint[]> {
  const found: LoggedCheckpoint[] = [];
  let cursor = 0;
  for (let page = 0; page < MAX_PAGES; page += 1) {
    const { events, next_cursor: next } = await call("GET /api/v1/sessions/{id}/events", {
      params: { id },
      query: { types: ["checkpoint.created"], limit: 500, cursor },
    });
    for (const { payload, seq, ts } of events)
      found.push({ id: String(payload["checkpoint_id"]), seq, at: Date.parse(ts) });
    if (next === null) break;
    cursor = Number(next);
  }
  return found;
}

/** Two checkpoints, or a run in place of those before and after it. */
export type Compared = { from?: string; to: string } | { run: string };

/** What differs between two checkpoints. */
export const compareCheckpoints = async (id: string, query: Compared) =>
  await call("GET /api/studio/sessions/{id}/checkpoints/compare", { params: { id }, query });

export type { Comparison, SavedWork } from "#contracts/saved.ts";
