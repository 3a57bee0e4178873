import { route } from "#server/http/route.ts";
import { resumeSession } from "#server/sessions/resume-session.ts";

export const POST = route("POST /api/studio/sessions/{id}/resume", async ({ caller, params }) => ({
  session: await resumeSession(caller, params.id),
}));
