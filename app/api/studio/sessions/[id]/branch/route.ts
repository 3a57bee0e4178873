import { route } from "#server/http/route.ts";
import { branchSession } from "#server/sessions/branch-session.ts";

export const POST = route("POST /api/studio/sessions/{id}/branch", async ({ caller, params, body }) => {
  const session = await branchSession(caller, params.id, body);
  return { sessionId: session.id, session };
});
