import { DEFAULT_CHANNELS } from "#domain/notifications.ts";

const own = (body?: unknown) => ({ body, foreign: "own" as const });

/** What the routes of notifications are called with in every-route.test.ts. */
export const NOTIFICATION_PROBES = {
  "GET /api/v1/notifications": own(),
  "POST /api/v1/notifications/read": own({}),
  "GET /api/v1/notification-settings": own(),
  "PUT /api/v1/notification-settings": own({ channels: DEFAULT_CHANNELS, all_sessions: false }),
};
