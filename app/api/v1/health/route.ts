import { VERSION } from "#domain/version.ts";
import { publicRoute } from "#server/http/route.ts";
import { env } from "#server/env.ts";
import { status } from "#server/status/status.ts";

/** That the server responds, whatever else is down; open to all, so that a supervisor can ask. */
export const GET = publicRoute("GET /api/v1/health", async () => ({
  ok: true,
  status: (await status()).status,
  version: VERSION,
  workspace_root: env().STUDIO_WORKSPACE_ROOT,
  env_file: env().STUDIO_ENV_FILE ?? null,
}));
