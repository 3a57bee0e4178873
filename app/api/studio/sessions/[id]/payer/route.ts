import { payerBody } from "../../../../../../lib/contracts/sessions.ts";
import { route } from "../../../../../../lib/server/http/route.ts";
import { changePayer, payerOfSession } from "../../../../../../lib/server/sessions/payer.ts";

export const GET = route({
  handle: async ({ caller, params }) => await payerOfSession(caller, params.id ?? ""),
});

export const POST = route({
  status: 202,
  body: payerBody,
  handle: async ({ caller, params, body }) => ({
    session: await changePayer(caller, params.id ?? "", body.keySource),
  }),
});
