import { route } from "#server/http/route.ts";
import { createSession, untilReady } from "#server/sessions/create.ts";
import { listSessions } from "#server/sessions/read.ts";

export const POST = route("POST /api/studio/sessions", async ({ caller, body, query }) => {
  const created = await createSession(caller, body);
  const session = query.wait ? await untilReady(caller, created.id) : created;
  return { sessionId: session.id, session };
});

export const GET = route(
  "GET /api/studio/sessions",
  async ({ caller, query }) => await listSessions(caller, query),
);
