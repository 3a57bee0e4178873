import { route } from "#server/http/route.ts";
import { planRepeat, repeatSession } from "#server/sessions/repeat.ts";

export const GET = route(
  "GET /api/v1/sessions/{id}/repeat",
  async ({ caller, params }) => await planRepeat(caller, params.id),
);

export const POST = route(
  "POST /api/v1/sessions/{id}/repeat",
  async ({ caller, params, body, request }) => await repeatSession(caller, params.id, body, request),
);
