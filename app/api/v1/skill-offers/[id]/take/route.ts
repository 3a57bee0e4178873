import { route } from "#server/http/route.ts";
import { takeOffer } from "#server/skills/offers.ts";

export const POST = route("POST /api/v1/skill-offers/{id}/take", async ({ caller, params }) => {
  await takeOffer(caller, params.id);
  return { ok: true as const };
});
