import { duplicateAgent } from "#server/agents/files.ts";
import { route } from "#server/http/route.ts";

export const POST = route(
  "POST /api/v1/agents/{id}/duplicate",
  async ({ caller, params }) => await duplicateAgent(caller, params.id),
);
