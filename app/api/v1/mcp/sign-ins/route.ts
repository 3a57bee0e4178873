import { route } from "#server/http/route.ts";
import { finishServerSignIn } from "#server/mcp/grants.ts";

export const POST = route(
  "POST /api/v1/mcp/sign-ins",
  async ({ caller, body }) => await finishServerSignIn(caller, body),
);
