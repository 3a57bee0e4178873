import { route } from "../../../../../../../lib/server/http/route.ts";
import { closeTerminal } from "../../../../../../../lib/server/sessions/terminals.ts";

export const DELETE = route({
  handle: async ({ caller, params }) => {
    await closeTerminal(caller, params.id ?? "", params.terminal ?? "");
    return new Response(null, { status: 204 });
  },
});
