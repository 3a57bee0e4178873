import { route } from "#server/http/route.ts";
import { createDefaultSession } from "#server/sessions/create.ts";
import { listV1Sessions } from "#server/sessions/v1.ts";

export const GET = route(
  "GET /api/v1/sessions",
  async ({ caller, query }) => await listV1Sessions(caller, query),
);

export const POST = route("POST /api/v1/sessions", async ({ caller, body }) => {
  const { id, createdAt } = await createDefaultSession(caller, body);
  return { session_id: id, created_at: new Date(createdAt).toISOString() };
});
