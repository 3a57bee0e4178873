import { route } from "../../../../lib/server/http/route.ts";
import { creditBalance } from "../../../../lib/server/billing/credits.ts";

export const GET = route({ handle: async ({ caller }) => await creditBalance(caller) });
