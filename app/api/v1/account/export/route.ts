import { exportAccount } from "#server/account/export.ts";
import { route } from "#server/http/route.ts";

export const GET = route("GET /api/v1/account/export", async ({ caller }) => await exportAccount(caller));
