import { call } from "./api.ts";

/** An address that opens a port of the session's sandbox in this browser; good for a minute. */
export const openPreview = async (sessionId: string, body: { port: number; path: string }) =>
  await call("POST /api/studio/sessions/{id}/preview", { params: { id: sessionId }, body });
