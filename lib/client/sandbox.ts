import { call } from "./api.ts";

export type { SandboxFacts } from "#contracts/sandbox.ts";

/** The machine behind a session, and what it uses. */
export const readSandbox = async (sessionId: string) =>
  await call("GET /api/studio/sessions/{id}/sandbox", { params: { id: sessionId } });
