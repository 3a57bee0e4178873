import { route } from "#server/http/route.ts";
import { useBrowser } from "#server/sessions/tools.ts";

export const POST = route(
  "POST /api/v1/sessions/{id}/tools/browser",
  async ({ caller, params }) => await useBrowser(caller, params.id),
);
