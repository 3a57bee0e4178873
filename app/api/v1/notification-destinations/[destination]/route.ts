import { route } from "#server/http/route.ts";
import { removeDestination, updateDestination } from "#server/notifications/destinations.ts";

export const PATCH = route(
  "PATCH /api/v1/notification-destinations/{destination}",
  async ({ caller, params, body }) => ({
    destination: await updateDestination(caller, params.destination, body),
  }),
);

export const DELETE = route(
  "DELETE /api/v1/notification-destinations/{destination}",
  async ({ caller, params }) => await removeDestination(caller, params.destination),
);
