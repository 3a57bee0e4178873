import { route } from "#server/http/route.ts";
import { restoreFile } from "#server/sessions/restore-file.ts";

export const POST = route(
  "POST /api/studio/sessions/{id}/checkpoints/{checkpoint_id}/restore",
  async ({ caller, params, body }) => await restoreFile(caller, params.id, params.checkpoint_id, body),
);
