import { call } from "./api.ts";

/** Where words stand in a session's files as they were last saved. */
export const searchFiles = async (id: string, text: string) =>
  await call("GET /api/studio/sessions/{id}/files/search", { params: { id }, query: { text } });

/** Two checkpoints, or a run in place of those before and after it. */
export type Compared = { from?: string; to: string } | { run: string };

/** What differs between two checkpoints. */
export const compareCheckpoints = async (id: string, query: Compared) =>
  await call("GET /api/studio/sessions/{id}/checkpoints/compare", { params: { id }, query });
