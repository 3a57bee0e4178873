import { creditBalance } from "../../../../lib/server/billing/credits.ts";
import { route } from "../../../../lib/server/http/route.ts";

export const GET = route("GET /api/v1/credits", async ({ caller }) => await creditBalance(caller));
