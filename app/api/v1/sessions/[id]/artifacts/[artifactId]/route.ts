import { route } from "../../../../../../../lib/server/http/route.ts";
import { getArtifact } from "../../../../../../../lib/server/sessions/read.ts";

export const GET = route({
  handle: async ({ caller, params }) => ({
    artifact: await getArtifact(caller, params.id ?? "", params.artifactId ?? ""),
  }),
});
