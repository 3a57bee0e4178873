import type { FilesAnswer, WorkspaceFile, WriteFileBody } from "../contracts/files.ts";
import { request } from "./api.ts";

export type { FileEntry, WorkspaceFile } from "../contracts/files.ts";

const filesPath = (sessionId: string) => `/api/studio/sessions/${encodeURIComponent(sessionId)}/files`;

/** A folder or a file of the session's workspace. @param path relative to the workspace; empty for itself */
export const readPath = (sessionId: string, path: string) =>
  request<FilesAnswer>("GET", `${filesPath(sessionId)}?path=${encodeURIComponent(path)}`);

/** Saves a file if it still is as it was read. @throws ApiError `file_changed` where it is not */
export const saveFile = (sessionId: string, body: WriteFileBody) =>
  request<WorkspaceFile>("PUT", filesPath(sessionId), { body });
