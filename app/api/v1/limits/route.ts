import { listLimits, removeLimit, setLimit } from "#server/billing/limits.ts";
import { route } from "#server/http/route.ts";

export const GET = route("GET /api/v1/limits", async ({ caller, query }) => await listLimits(caller, query));

export const PUT = route("PUT /api/v1/limits", async ({ caller, body }) => ({
  limit: await setLimit(caller, body),
}));

export const DELETE = route("DELETE /api/v1/limits", async ({ caller, query }) => {
  await removeLimit(caller, query);
});
