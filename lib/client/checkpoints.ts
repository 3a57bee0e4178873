import type { SentBody } from "#contracts/routes.ts";
import { call } from "./api.ts";

export type { Checkpoint, RewindResponse } from "#contracts/checkpoints.ts";
export type RewindRequest = SentBody<"POST /api/studio/sessions/{id}/rewind">;
/** Where a session is to go back to. */
export type RewindTo = Pick<RewindRequest, "runId" | "beforeRunId" | "checkpointId" | "undo">;

/** What is saved, and compared, is worth a longer wait than other calls. */
const SAVE_MS = 60_000;

/** A page of a session's checkpoints, the latest first. */
export const listCheckpoints = async (id: string, cursor?: string) =>
  await call("GET /api/studio/sessions/{id}/checkpoints", {
    params: { id },
    query: { limit: 50, ...(cursor !== undefined && { cursor }) },
  });

/** Saves a session now. @throws ApiError turn_running while a turn is at work */
export const saveCheckpoint = async (id: string) =>
  await call("POST /api/studio/sessions/{id}/checkpoints", { params: { id }, timeoutMs: SAVE_MS });

/** Brings one file to what a checkpoint has of it. @throws ApiError file_changed where it was changed by hand */
export const restoreFile = async (id: string, checkpoint_id: string, path: string, overwrite: boolean) =>
  await call("POST /api/studio/sessions/{id}/checkpoints/{checkpoint_id}/restore", {
    params: { id, checkpoint_id },
    body: { path, overwrite },
    timeoutMs: SAVE_MS,
  });

/** Has a session go back, or with `preview` says what that would change. */
export const rewindSession = async (id: string, body: RewindRequest) =>
  await call("POST /api/studio/sessions/{id}/rewind", { params: { id }, body, timeoutMs: SAVE_MS });
