import { route } from "../../../../../../../lib/server/http/route.ts";
import { getArtifact } from "../../../../../../../lib/server/sessions/read.ts";

export const GET = route("GET /api/v1/sessions/{id}/artifacts/{artifact_id}", async ({ caller, params }) => ({
  artifact: await getArtifact(caller, params.id, params.artifact_id),
}));
