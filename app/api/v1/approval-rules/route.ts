import { route } from "#server/http/route.ts";
import { createRule, listRules } from "#server/rules/rules.ts";

export const GET = route(
  "GET /api/v1/approval-rules",
  async ({ caller, query }) => await listRules(caller, query),
);

export const POST = route(
  "POST /api/v1/approval-rules",
  async ({ caller, body }) => await createRule(caller, body),
);
