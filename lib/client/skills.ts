import type { SentBody } from "#contracts/routes.ts";
import { call } from "./api.ts";

/** Creates a skill. */
export const createSkill = async (body: SentBody<"POST /api/v1/skills">) =>
  await call("POST /api/v1/skills", { body });

/** Changes a skill; what is left out stays. */
export const updateSkill = async (id: string, body: SentBody<"PATCH /api/v1/skills/{id}">) =>
  await call("PATCH /api/v1/skills/{id}", { params: { id }, body });

/** Deletes a skill. */
export const deleteSkill = async (id: string) => await call("DELETE /api/v1/skills/{id}", { params: { id } });

/** Gives the organization's skill the text that an agent has written. */
export const takeOffer = async (id: string) =>
  await call("POST /api/v1/skill-offers/{id}/take", { params: { id } });

/** Leaves the organization's skill as it is. */
export const dismissOffer = async (id: string) =>
  await call("POST /api/v1/skill-offers/{id}/dismiss", { params: { id } });
