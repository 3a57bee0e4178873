import { route } from "#server/http/route.ts";
import { changePayer, payerOfSession } from "#server/sessions/payer.ts";

export const GET = route(
  "GET /api/studio/sessions/{id}/payer",
  async ({ caller, params }) => await payerOfSession(caller, params.id),
);

export const POST = route("POST /api/studio/sessions/{id}/payer", async ({ caller, params, body }) => ({
  session: await changePayer(caller, params.id, body.keySource),
}));
