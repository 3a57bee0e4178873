import { route } from "#server/http/route.ts";
import { resizeTerminal } from "#server/sessions/terminals.ts";

export const POST = route(
  "POST /api/studio/sessions/{id}/terminals/{terminal}/resize",
  async ({ caller, params, body }) => {
    await resizeTerminal(caller, params.id, params.terminal, body);
    return { ok: true };
  },
);
