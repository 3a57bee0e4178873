import { route } from "#server/http/route.ts";
import { listOffers } from "#server/skills/offers.ts";

export const GET = route(
  "GET /api/v1/skill-offers",
  async ({ caller, query }) => await listOffers(caller, query),
);
