import type { PreviewAnswer } from "../contracts/preview.ts";
import { request } from "./api.ts";

/** An address that opens a port of the session's sandbox in this browser; good for a minute. */
export const openPreview = (sessionId: string, body: { port: number; path: string }) =>
  request<PreviewAnswer>("POST", `/api/studio/sessions/${encodeURIComponent(sessionId)}/preview`, { body });
