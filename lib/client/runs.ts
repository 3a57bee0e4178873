import { call } from "./api.ts";

/** Stops a run that is going, or takes back one that waits. */
export const cancelRunById = async (runId: string) =>
  await call("POST /api/v1/runs/{run_id}/cancel", { params: { run_id: runId } });

/** Runs the same input again. @returns the session in which it runs */
export const rerun = async (runId: string): Promise<string> =>
  (await call("POST /api/v1/runs/{run_id}/rerun", { params: { run_id: runId } })).session_id;
