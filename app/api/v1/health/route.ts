import { WORKSPACE } from "../../../../lib/server/sandbox/paths.ts";

/** Whether the server answers; open to all, so that a supervisor can ask. */
export function GET(): Response {
  return Response.json({
    ok: true,
    status: "healthy",
    version: "0.1.0",
    workspace_root: WORKSPACE,
    env_file: null,
  });
}
