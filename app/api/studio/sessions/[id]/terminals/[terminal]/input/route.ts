import { terminalInputBody } from "../../../../../../../../lib/contracts/terminals.ts";
import { route } from "../../../../../../../../lib/server/http/route.ts";
import { typeInto } from "../../../../../../../../lib/server/sessions/terminals.ts";

export const POST = route({
  body: terminalInputBody,
  quota: "typing",
  handle: async ({ caller, params, body }) => {
    await typeInto(caller, params.id ?? "", params.terminal ?? "", body.data);
    return { ok: true };
  },
});
