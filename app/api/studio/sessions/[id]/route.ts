import { patchSessionBody } from "../../../../../lib/contracts/sessions.ts";
import { route } from "../../../../../lib/server/http/route.ts";
import { stopSession } from "../../../../../lib/server/sessions/stop-session.ts";
import { updateSession } from "../../../../../lib/server/sessions/update-session.ts";
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

export const PATCH = route({
  body: patchSessionBody,
  handle: async ({ caller, params, body }) => ({
    session: await updateSession(caller, params.id ?? "", body),
  }),
});
