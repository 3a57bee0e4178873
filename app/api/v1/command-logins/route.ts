import { beginLogin } from "#server/auth/command-login.ts";
import { openRoute } from "#server/http/route.ts";

export const POST = openRoute("POST /api/v1/command-logins", async ({ body }) => await beginLogin(body));
