import { route } from "#server/http/route.ts";
import { createSessionSkill, sessionSkills } from "#server/skills/session-skills.ts";

export const GET = route(
  "GET /api/v1/sessions/{id}/skills",
  async ({ caller, params }) => await sessionSkills(caller, params.id),
);

export const POST = route(
  "POST /api/v1/sessions/{id}/skills",
  async ({ caller, params, body }) => await createSessionSkill(caller, params.id, body),
);
