import { route } from "#server/http/route.ts";
import { notificationSettings, setNotificationSettings } from "#server/notifications/notifications.ts";

export const GET = route(
  "GET /api/v1/notification-settings",
  async ({ caller }) => await notificationSettings(caller),
);

export const PUT = route(
  "PUT /api/v1/notification-settings",
  async ({ caller, body }) => await setNotificationSettings(caller, body),
);
