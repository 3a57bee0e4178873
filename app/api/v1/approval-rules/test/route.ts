import { route } from "#server/http/route.ts";
import { testRules } from "#server/rules/simulate.ts";

export const POST = route(
  "POST /api/v1/approval-rules/test",
  async ({ caller, body }) => await testRules(caller, body),
);
