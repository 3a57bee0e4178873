import { route } from "../../../../../../../lib/server/http/route.ts";
import { openRunStream } from "../../../../../../../lib/server/stream/open.ts";

export const dynamic = "force-dynamic";

export const GET = route({
  handle: async ({ caller, params, request }) => await openRunStream(caller, params.runId ?? "", request),
});
