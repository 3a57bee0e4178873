import { deleteAgent, getAgent, updateAgent } from "#server/agents/agents.ts";
import { route } from "#server/http/route.ts";

export const GET = route(
  "GET /api/v1/agents/{id}",
  async ({ caller, params }) => await getAgent(caller, params.id),
);

export const PATCH = route(
  "PATCH /api/v1/agents/{id}",
  async ({ caller, params, body }) => await updateAgent(caller, params.id, body),
);

export const DELETE = route("DELETE /api/v1/agents/{id}", async ({ caller, params }) => {
  await deleteAgent(caller, params.id);
});
