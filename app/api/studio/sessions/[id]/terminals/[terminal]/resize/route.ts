import { resizeTerminalBody } from "../../../../../../../../lib/contracts/terminals.ts";
import { route } from "../../../../../../../../lib/server/http/route.ts";
import { resizeTerminal } from "../../../../../../../../lib/server/sessions/terminals.ts";

export const POST = route({
  body: resizeTerminalBody,
  quota: "typing",
  handle: async ({ caller, params, body }) => {
    await resizeTerminal(caller, params.id ?? "", params.terminal ?? "", body);
    return { ok: true };
  },
});
