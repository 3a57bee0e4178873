import { route } from "../../../../../../../lib/server/http/route.ts";
import { closeTerminal } from "../../../../../../../lib/server/sessions/terminals.ts";

export const DELETE = route(
  "DELETE /api/studio/sessions/{id}/terminals/{terminal}",
  async ({ caller, params }) => {
    await closeTerminal(caller, params.id, params.terminal);
  },
);
