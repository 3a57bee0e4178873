import { shownLogin } from "#server/auth/command-login.ts";
import { route } from "#server/http/route.ts";

export const GET = route(
  "GET /api/v1/command-logins/{code}",
  async ({ caller, params }) => await shownLogin(caller, params.code),
);
