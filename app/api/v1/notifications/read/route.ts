import { route } from "#server/http/route.ts";
import { readNotifications } from "#server/notifications/notifications.ts";

export const POST = route("POST /api/v1/notifications/read", async ({ caller, body }) => {
  await readNotifications(caller, body.notification_id);
});
