import { route } from "#server/http/route.ts";
import { savedWork } from "#server/settings/saved-work.ts";

export const GET = route("GET /api/v1/saved-work", async ({ caller }) => await savedWork(caller));
