import { route } from "#server/http/route.ts";
import { closeTerminal } from "#server/sessions/terminals.ts";

export const DELETE = route(
  "DELETE /api/studio/sessions/{id}/terminals/{terminal}",
  async ({ caller, params }) => {
    await closeTerminal(caller, params.id, params.terminal);
  },
);
