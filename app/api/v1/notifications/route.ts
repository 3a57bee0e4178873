import { route } from "#server/http/route.ts";
import { listNotifications } from "#server/notifications/notifications.ts";

export const GET = route(
  "GET /api/v1/notifications",
  async ({ caller, query }) => await listNotifications(caller, query),
);
