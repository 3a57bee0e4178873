import type { WriteFileBody } from "#contracts/files.ts";
import { call } from "./api.ts";

export type { FileEntry, WorkspaceFile } from "#contracts/files.ts";

/** A folder or a file of the session's workspace. @param path relative to the workspace; empty for itself */
export const readPath = async (sessionId: string, path: string) =>
  await call("GET /api/studio/sessions/{id}/files", { params: { id: sessionId }, query: { path } });

/** Saves a file if it still is as it was read. @throws ApiError `file_changed` where it is not */
export const saveFile = async (sessionId: string, body: WriteFileBody) =>
  await call("PUT /api/studio/sessions/{id}/files", { params: { id: sessionId }, body });
