import { claimLogin } from "#server/auth/command-login.ts";
import { openRoute } from "#server/http/route.ts";

export const POST = openRoute(
  "POST /api/v1/command-logins/claim",
  async ({ body, address }) => await claimLogin(body, address),
);
