import { openTerminalBody } from "../../../../../../lib/contracts/terminals.ts";
import { route } from "../../../../../../lib/server/http/route.ts";
import { openTerminal, terminalsOf } from "../../../../../../lib/server/sessions/terminals.ts";

export const GET = route({
  handle: async ({ caller, params }) => await terminalsOf(caller, params.id ?? ""),
});

export const POST = route({
  body: openTerminalBody,
  status: 201,
  handle: async ({ caller, params, body }) => await openTerminal(caller, params.id ?? "", body),
});
