import { route } from "#server/http/route.ts";
import { openPreview } from "#server/sessions/preview.ts";

export const POST = route(
  "POST /api/studio/sessions/{id}/preview",
  async ({ caller, params, body }) => await openPreview(caller, params.id, body),
);
