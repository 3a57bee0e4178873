import { exportAgent } from "#server/agents/files.ts";
import { route } from "#server/http/route.ts";

export const GET = route(
  "GET /api/v1/agents/{id}/export",
  async ({ caller, params }) => await exportAgent(caller, params.id),
);
