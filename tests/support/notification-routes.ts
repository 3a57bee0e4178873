import { DEFAULT_CHANNELS } from "#domain/notifications.ts";

const own = (body?: unknown) => ({ body, foreign: "own" as const });
const row = (body?: unknown) => ({ body, foreign: "not_found" as const });

/** What the routes of notifications are called with in every-route.test.ts. */
export const NOTIFICATION_PROBES = {
  "GET /api/v1/notifications": own(),
  "POST /api/v1/notifications/read": own({}),
  "GET /api/v1/notification-settings": own(),
  "PUT /api/v1/notification-settings": own({ channels: DEFAULT_CHANNELS, all_sessions: false }),
  "GET /api/v1/notification-destinations": own(),
  "POST /api/v1/notification-destinations": own({
    kind: "slack",
    name: "Channel",
    url: "http://127.0.0.1:1/hook",
    kinds: ["failed"],
  }),
  "PATCH /api/v1/notification-destinations/{destination}": row({ enabled: false }),
  "DELETE /api/v1/notification-destinations/{destination}": row(),
  "POST /api/v1/notification-destinations/{destination}/test": row(),
};
