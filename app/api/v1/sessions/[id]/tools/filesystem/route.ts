import { route } from "#server/http/route.ts";
import { useFiles } from "#server/sessions/tools.ts";

export const POST = route(
  "POST /api/v1/sessions/{id}/tools/filesystem",
  async ({ caller, params, body }) => await useFiles(caller, params.id, body),
);
