import { creditBalance } from "#server/billing/credits.ts";
import { route } from "#server/http/route.ts";

export const GET = route("GET /api/v1/credits", async ({ caller }) => await creditBalance(caller));
