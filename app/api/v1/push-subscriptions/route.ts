import { route } from "#server/http/route.ts";
import { subscribeDevice } from "#server/notifications/notifications.ts";

export const POST = route(
  "POST /api/v1/push-subscriptions",
  async ({ caller, body }) => await subscribeDevice(caller, body),
);
