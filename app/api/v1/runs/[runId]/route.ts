import { route } from "../../../../../lib/server/http/route.ts";
import { getRun } from "../../../../../lib/server/sessions/read.ts";

export const GET = route({
  handle: async ({ caller, params }) => ({ run: await getRun(caller, params.runId ?? "") }),
});
