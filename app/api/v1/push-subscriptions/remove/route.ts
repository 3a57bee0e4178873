import { route } from "#server/http/route.ts";
import { unsubscribeDevice } from "#server/notifications/notifications.ts";

export const POST = route(
  "POST /api/v1/push-subscriptions/remove",
  async ({ caller, body }) => await unsubscribeDevice(caller, body.endpoint),
);
