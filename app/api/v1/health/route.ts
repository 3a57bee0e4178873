import { VERSION } from "#domain/version.ts";
import { publicRoute } from "#server/http/route.ts";
import { WORKSPACE } from "#server/sandbox/paths.ts";

/** Whether the server responds; open to all, so that a supervisor can ask. */
export const GET = publicRoute("GET /api/v1/health", async () => ({
  ok: true,
  status: "healthy" as const,
  version: VERSION,
  workspace_root: WORKSPACE,
  env_file: null,
}));
