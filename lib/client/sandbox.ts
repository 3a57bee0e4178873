import type { SandboxFacts } from "../contracts/sandbox.ts";
import { request } from "./api.ts";

export type { SandboxFacts } from "../contracts/sandbox.ts";

/** The machine behind a session, and what it uses. */
export const readSandbox = (sessionId: string) =>
  request<SandboxFacts>("GET", `/api/studio/sessions/${encodeURIComponent(sessionId)}/sandbox`);
