import { route } from "#server/http/route.ts";
import { createDefaultSession } from "#server/sessions/create.ts";

export const POST = route("POST /api/v1/sessions", async ({ caller, body }) => {
  const { id, createdAt } = await createDefaultSession(caller, body);
  return { session_id: id, created_at: new Date(createdAt).toISOString() };
});
