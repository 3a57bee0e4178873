import { importAgent } from "#server/agents/files.ts";
import { route } from "#server/http/route.ts";

export const POST = route(
  "POST /api/v1/agents/import",
  async ({ caller, body }) => await importAgent(caller, body),
);
