import type { SentBody } from "#contracts/routes.ts";
import { call } from "./api.ts";

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
