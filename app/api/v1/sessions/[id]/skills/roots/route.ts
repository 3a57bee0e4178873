import { route } from "#server/http/route.ts";
import { setSkillRoots } from "#server/skills/session-skills.ts";

export const PUT = route(
  "PUT /api/v1/sessions/{id}/skills/roots",
  async ({ caller, params, body }) => await setSkillRoots(caller, params.id, body.roots),
);
