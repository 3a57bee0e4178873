import { api } from "#convex/_generated/api.js";
import { serviceData } from "#server/convex/client.ts";
import { operatorRoute } from "#server/http/route.ts";

export const POST = operatorRoute(
  "POST /api/operator/sessions/{id}/end",
  async ({ operator, params: { id }, body: { reason } }) => {
    await serviceData().mutation(api.operatorSessions.end, { operator, sessionId: id, reason });
  },
);
