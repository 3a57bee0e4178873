import { route } from "#server/http/route.ts";
import { readWorkspace, writeWorkspace } from "#server/sessions/files.ts";

export const GET = route(
  "GET /api/studio/sessions/{id}/files",
  async ({ caller, params, query }) => await readWorkspace(caller, params.id, query.path),
);

export const PUT = route(
  "PUT /api/studio/sessions/{id}/files",
  async ({ caller, params, body }) => await writeWorkspace(caller, params.id, body),
);
