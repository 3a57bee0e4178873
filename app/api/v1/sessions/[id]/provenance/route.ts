import { route } from "#server/http/route.ts";
import { provenanceOf } from "#server/sessions/provenance.ts";

export const GET = route(
  "GET /api/v1/sessions/{id}/provenance",
  async ({ caller, params }) => await provenanceOf(caller, params.id),
);
