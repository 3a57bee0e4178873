import { readTopUp, setTopUp } from "#server/billing/top-up.ts";
import { route } from "#server/http/route.ts";

export const GET = route("GET /api/v1/credits/top-up", async ({ caller }) => await readTopUp(caller));
export const PUT = route(
  "PUT /api/v1/credits/top-up",
  async ({ caller, body }) => await setTopUp(caller, body),
);
