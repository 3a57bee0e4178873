import { route } from "#server/http/route.ts";
import { endProcess } from "#server/sessions/processes.ts";

export const DELETE = route(
  "DELETE /api/studio/sessions/{id}/processes/{pid}",
  async ({ caller, params }) => {
    await endProcess(caller, params.id, params.pid);
  },
);
