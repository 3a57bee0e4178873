import { route } from "#server/http/route.ts";
import { getArtifact } from "#server/sessions/read.ts";

export const GET = route("GET /api/v1/sessions/{id}/artifacts/{artifact_id}", async ({ caller, params }) => ({
  artifact: await getArtifact(caller, params.id, params.artifact_id),
}));
