import { route } from "#server/http/route.ts";
import { simulateRules } from "#server/rules/simulate.ts";

export const POST = route(
  "POST /api/v1/approval-rules/simulate",
  async ({ caller, body }) => await simulateRules(caller, body),
);
