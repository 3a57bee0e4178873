import { route } from "#server/http/route.ts";
import { deleteRule, updateRule } from "#server/rules/rules.ts";

export const PATCH = route(
  "PATCH /api/v1/approval-rules/{id}",
  async ({ caller, params, body }) => await updateRule(caller, params.id, body),
);

export const DELETE = route("DELETE /api/v1/approval-rules/{id}", async ({ caller, params }) => {
  await deleteRule(caller, params.id);
});
