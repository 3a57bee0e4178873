import { route } from "#server/http/route.ts";
import { endSupportAccess, grantSupportAccess, supportAccess } from "#server/settings/support-access.ts";

export const GET = route("GET /api/v1/support-access", async ({ caller }) => await supportAccess(caller));

export const POST = route(
  "POST /api/v1/support-access",
  async ({ caller, body }) => await grantSupportAccess(caller, body),
);

export const DELETE = route(
  "DELETE /api/v1/support-access",
  async ({ caller }) => await endSupportAccess(caller),
);
