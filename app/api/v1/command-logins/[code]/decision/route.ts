import { decideLogin } from "#server/auth/command-login.ts";
import { route } from "#server/http/route.ts";

export const POST = route(
  "POST /api/v1/command-logins/{code}/decision",
  async ({ caller, params, body }) => await decideLogin(caller, params.code, body.approve),
);
