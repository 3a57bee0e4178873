import type { ProcessesAnswer } from "#contracts/processes.ts";
import type { WallsAnswer } from "#contracts/sandbox.ts";
import type { JsonOf } from "#contracts/routes.ts";
import { call } from "./api.ts";

export type { SandboxFacts } from "#contracts/sandbox.ts";

/** The machine behind a session, and what it uses. */
export const readSandbox = async (sessionId: string) =>
  await call("GET /api/studio/sessions/{id}/sandbox", { params: { id: sessionId } });

export type SessionConfig = JsonOf<"GET /api/v1/sessions/{id}/config">;

/** What a session's runs are configured with, and where each value came from. */
export const readConfig = async (id: string): Promise<SessionConfig> =>
  await call("GET /api/v1/sessions/{id}/config", { params: { id } });

export type SessionProvenance = JsonOf<"GET /api/v1/sessions/{id}/provenance">;

/** What a session began with, and what of that is something else by now. */
export const readProvenance = async (id: string): Promise<SessionProvenance> =>
  await call("GET /api/v1/sessions/{id}/provenance", { params: { id } });

/** A process that a command of the agent's has left running. */
export type LeftProcess = ProcessesAnswer["processes"][number];

/** What the agent's commands have left running. */
export const listProcesses = async (sessionId: string) =>
  await call("GET /api/studio/sessions/{id}/processes", { params: { id: sessionId } });

/** Ends one of them, and what it has started. */
export const endProcess = async (sessionId: string, pid: number) =>
  await call("DELETE /api/studio/sessions/{id}/processes/{pid}", {
    params: { id: sessionId, pid: String(pid) },
  });

/** An attempt of a program in the sandbox to get out of it. */
export type WallCheck = WallsAnswer["checks"][number];

/** Tries the sandbox's walls, from within. Takes up to half a minute. */
export const checkSandbox = async (sessionId: string) =>
  await call("POST /api/studio/sessions/{id}/sandbox/check", { params: { id: sessionId } });
