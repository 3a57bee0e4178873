import { route } from "../../../../../lib/server/http/route.ts";
import { openOrganizationStream } from "../../../../../lib/server/stream/open.ts";

export const dynamic = "force-dynamic";

export const GET = route({
  handle: async ({ caller, request }) => await openOrganizationStream(caller, request),
});
