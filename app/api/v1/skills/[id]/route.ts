import { route } from "#server/http/route.ts";
import { deleteSkill, getSkill, updateSkill } from "#server/skills/skills.ts";

export const GET = route(
  "GET /api/v1/skills/{id}",
  async ({ caller, params, query }) => await getSkill(caller, params.id, query.revision),
);

export const PATCH = route(
  "PATCH /api/v1/skills/{id}",
  async ({ caller, params, body }) => await updateSkill(caller, params.id, body),
);

export const DELETE = route("DELETE /api/v1/skills/{id}", async ({ caller, params }) => {
  await deleteSkill(caller, params.id);
});
