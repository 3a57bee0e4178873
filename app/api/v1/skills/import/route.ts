import { route } from "#server/http/route.ts";
import { importSkills } from "#server/skills/import-skills.ts";

export const POST = route(
  "POST /api/v1/skills/import",
  async ({ caller, body }) => await importSkills(caller, body),
);
