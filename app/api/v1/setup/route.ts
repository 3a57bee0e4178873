import { route } from "#server/http/route.ts";
import { listSetups } from "#server/settings/setup.ts";

export const GET = route("GET /api/v1/setup", async ({ caller }) => ({ setups: await listSetups(caller) }));
