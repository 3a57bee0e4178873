import type { JsonOf, SentBody } from "#contracts/routes.ts";
import { ApiError, call } from "./api.ts";

/** Creates an agent. */
export const createAgent = async (body: SentBody<"POST /api/v1/agents">) =>
  await call("POST /api/v1/agents", { body });

/** Changes an agent; what is left out stays. */
export const updateAgent = async (id: string, body: SentBody<"PATCH /api/v1/agents/{id}">) =>
  await call("PATCH /api/v1/agents/{id}", { params: { id }, body });

/** Deletes an agent. */
export const deleteAgent = async (id: string) => await call("DELETE /api/v1/agents/{id}", { params: { id } });

/** Makes an agent what it was in an earlier version. */
export const restoreAgentVersion = async (id: string, version: number) =>
  await call("POST /api/v1/agents/{id}/versions/{version}/restore", {
    params: { id, version: String(version) },
  });

/** Makes a copy of an agent, with its rules. */
export const duplicateAgent = async (id: string) =>
  await call("POST /api/v1/agents/{id}/duplicate", { params: { id } });

/** Where an agent's file is downloaded from. */
export const agentFileAddress = (id: string): string => `/api/v1/agents/${encodeURIComponent(id)}/export`;

export type ImportedAgent = JsonOf<"POST /api/v1/agents/import">;

/** More than the largest agent has with all of its rules. */
const MAX_FILE_BYTES = 700_000;

/** Takes an agent over from a file that was exported. @throws ApiError with each problem's path */
export async function importAgent(file: File): Promise<ImportedAgent> {
  if (file.size > MAX_FILE_BYTES)
    throw new ApiError(`${file.name} is too large to be an agent's file.`, {
      code: "too_large",
      status: 413,
    });
  let body: unknown;
  try {
    body = JSON.parse(await file.text());
  } catch {
    throw new ApiError(`${file.name} isn't JSON. Choose a file that was exported from an agent's page.`, {
      code: "invalid_request",
      status: 400,
    });
  }
  return await call("POST /api/v1/agents/import", { body: body as SentBody<"POST /api/v1/agents/import"> });
}
