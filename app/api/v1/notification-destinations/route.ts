import { route } from "#server/http/route.ts";
import { createDestination, listDestinations } from "#server/notifications/destinations.ts";

export const GET = route("GET /api/v1/notification-destinations", async ({ caller }) => ({
  destinations: await listDestinations(caller),
}));

export const POST = route(
  "POST /api/v1/notification-destinations",
  async ({ caller, body }) => await createDestination(caller, body),
);
