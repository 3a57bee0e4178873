import { makeGitHook, removeGitHook } from "#server/settings/git-hooks.ts";
import { route } from "#server/http/route.ts";

export const POST = route(
  "POST /api/v1/git/connections/{connection}/webhook",
  async ({ caller, params }) => await makeGitHook(caller, params.connection),
);

export const DELETE = route(
  "DELETE /api/v1/git/connections/{connection}/webhook",
  async ({ caller, params }) => await removeGitHook(caller, params.connection),
);
