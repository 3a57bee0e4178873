import { createSessionBody, sessionsQuery } from "../../../../lib/contracts/sessions.ts";
import { route } from "../../../../lib/server/http/route.ts";
import { createSession, untilReady } from "../../../../lib/server/sessions/create.ts";
import { listSessions } from "../../../../lib/server/sessions/read.ts";

export const POST = route({
  body: createSessionBody,
  status: 201,
  handle: async ({ caller, body, request }) => {
    const made = await createSession(caller, body);
    const wait = new URL(request.url).searchParams.get("wait") === "true";
    const session = wait ? await untilReady(caller, made.id) : made;
    return { sessionId: session.id, session };
  },
});

export const GET = route({
  query: sessionsQuery,
  handle: async ({ caller, query }) => await listSessions(caller, query),
});
