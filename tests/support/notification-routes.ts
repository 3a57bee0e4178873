import { DEFAULT_CHANNELS } from "#domain/notifications.ts";

const own = (body?: unknown) => ({ body, foreign: "own" as const });
const row = (body?: unknown) => ({ body, foreign: "not_found" as const });

/** A browser's, as its maker gives it. */
export const PUSH_SUBSCRIPTION = {
  endpoint: "https://push.example.com/send/x",
  p256dh: "BNcRdreALRFXTkOOUHK1EtK2wtaz5Ry4YfYCA_0QTpQtUbVlUls0VJXg7A8u-Ts1XbjhazAkj7I99e8QcYP7DkM",
  auth: "tBHItJI5svbpez7KI4CCXg",
};

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
  "POST /api/v1/push-subscriptions": { body: PUSH_SUBSCRIPTION, foreign: "people_only" as const },
  "POST /api/v1/push-subscriptions/remove": own({ endpoint: PUSH_SUBSCRIPTION.endpoint }),
};
