import { route } from "../../../../../lib/server/http/route.ts";
import { stopSession } from "../../../../../lib/server/sessions/message.ts";
import { getSession } from "../../../../../lib/server/sessions/read.ts";

export const GET = route({
  handle: async ({ caller, params }) => ({ session: await getSession(caller, params.id ?? "") }),
});

export const DELETE = route({
  handle: async ({ caller, params }) => {
    await stopSession(caller, params.id ?? "");
    return new Response(null, { status: 204 });
  },
});
