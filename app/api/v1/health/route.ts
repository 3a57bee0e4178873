import { VERSION } from "#domain/version.ts";
import { publicRoute } from "#server/http/route.ts";
import { WORKSPACE } from "#server/sandbox/paths.ts";
import { status } from "#server/status/status.ts";

/** That the server responds, whatever else is down; open to all, so that a supervisor can ask. */
export const GET = publicRoute("GET /api/v1/health", async () => ({
  ok: true,
  status: (await status()).status,
  version: VERSION,
  workspace_root: WORKSPACE,
  env_file: null,
}));
