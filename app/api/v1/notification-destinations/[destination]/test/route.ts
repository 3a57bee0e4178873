import { route } from "#server/http/route.ts";
import { testDestination } from "#server/notifications/destinations.ts";

export const POST = route(
  "POST /api/v1/notification-destinations/{destination}/test",
  async ({ caller, params }) => await testDestination(caller, params.destination),
);
