import { route } from "#server/http/route.ts";
import { createSkill, listSkills } from "#server/skills/skills.ts";

export const GET = route("GET /api/v1/skills", async ({ caller, query }) => await listSkills(caller, query));

export const POST = route("POST /api/v1/skills", async ({ caller, body }) => await createSkill(caller, body));
