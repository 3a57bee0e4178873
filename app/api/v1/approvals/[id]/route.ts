import { route } from "#server/http/route.ts";
import { approve } from "#server/sessions/decide.ts";

export const POST = route("POST /api/v1/approvals/{id}", async ({ caller, params, body }) => {
  await approve(caller, params.id, body);
  return { ok: true };
});
