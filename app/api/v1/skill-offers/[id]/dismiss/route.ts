import { route } from "#server/http/route.ts";
import { dismissOffer } from "#server/skills/offers.ts";

export const POST = route("POST /api/v1/skill-offers/{id}/dismiss", async ({ caller, params }) => {
  await dismissOffer(caller, params.id);
  return { ok: true as const };
});
