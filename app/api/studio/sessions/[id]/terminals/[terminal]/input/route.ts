import { route } from "#server/http/route.ts";
import { typeInto } from "#server/sessions/terminals.ts";

export const POST = route(
  "POST /api/studio/sessions/{id}/terminals/{terminal}/input",
  async ({ caller, params, body }) => {
    await typeInto(caller, params.id, params.terminal, body.data);
    return { ok: true };
  },
);
