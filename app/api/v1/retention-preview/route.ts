import { route } from "#server/http/route.ts";
import { previewRetention } from "#server/settings/retention.ts";

export const GET = route(
  "GET /api/v1/retention-preview",
  async ({ caller, query: { days } }) => await previewRetention(caller, days),
);
