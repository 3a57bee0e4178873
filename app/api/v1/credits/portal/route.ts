import { openPortal } from "#server/billing/checkout.ts";
import { route } from "#server/http/route.ts";

export const POST = route("POST /api/v1/credits/portal", async ({ caller }) => await openPortal(caller));
