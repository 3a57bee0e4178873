import { agentUsage } from "#server/billing/usage.ts";
import { route } from "#server/http/route.ts";

export const GET = route(
  "GET /api/v1/agents/{id}/usage",
  async ({ caller, params, query }) => await agentUsage(caller, params.id, query.days),
);
