import { route } from "../../../../../../lib/server/http/route.ts";
import { sandboxFacts } from "../../../../../../lib/server/sessions/sandbox.ts";

export const GET = route(
  "GET /api/studio/sessions/{id}/sandbox",
  async ({ caller, params }) => await sandboxFacts(caller, params.id),
);
