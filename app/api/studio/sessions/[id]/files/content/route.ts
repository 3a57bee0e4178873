import { route } from "#server/http/route.ts";
import { downloadFile } from "#server/sessions/files.ts";

export const GET = route(
  "GET /api/studio/sessions/{id}/files/content",
  async ({ caller, params, query }) => await downloadFile(caller, params.id, query.path),
);
