import { route } from "#server/http/route.ts";
import { moveRule } from "#server/rules/rules.ts";

export const POST = route("POST /api/v1/approval-rules/{id}/move", async ({ caller, params, body }) => {
  await moveRule(caller, params.id, body.before);
});
