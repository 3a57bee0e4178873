import { z } from "zod";
import {
  createDestinationBody,
  createDestinationResponse,
  destinationResponse,
  destinationsResponse,
  testDestinationResponse,
  updateDestinationBody,
} from "../notification-destinations.ts";
import {
  notificationSettingsResponse,
  notificationSettingsSchema,
  notificationsResponse,
  pushSubscriptionBody,
  readNotificationsBody,
  removePushSubscriptionBody,
} from "../notifications.ts";
import { idParam, type RouteTable } from "../route.ts";
import { pageQuery } from "../sessions.ts";

const read = { scope: "sessions:read" } as const;
const admin = { scope: "settings:write" } as const;
const destination = z.object({ destination: idParam });

/** What a person is told, and how they want to be. */
export const NOTIFICATION_ROUTES = {
  "GET /api/v1/notifications": {
    id: "listNotifications",
    tag: "Notifications",
    summary: "List your notifications",
    description: "Newest first: requests and questions that wait for you, ends of your runs, and limits.",
    access: read,
    query: pageQuery,
    response: { status: 200, json: notificationsResponse },
  },
  "POST /api/v1/notifications/read": {
    id: "readNotifications",
    tag: "Notifications",
    summary: "Mark notifications as read",
    description: "A request that waits goes on waiting: reading isn't answering.",
    access: read,
    body: readNotificationsBody,
    example: {},
    errors: ["not_found"],
    response: { status: 204 },
  },
  "GET /api/v1/notification-settings": {
    id: "getNotificationSettings",
    tag: "Notifications",
    summary: "Get your notification settings",
    access: read,
    response: { status: 200, json: notificationSettingsResponse },
  },
  "PUT /api/v1/notification-settings": {
    id: "setNotificationSettings",
    tag: "Notifications",
    summary: "Set what you are told, and how",
    description: "Yours alone, in this organization. What you were told already stays.",
    access: { scope: "sessions:write" },
    body: notificationSettingsSchema,
    example: {
      channels: {
        approval: ["page", "browser"],
        question: ["page", "browser"],
        finished: ["page"],
        failed: ["page"],
        budget: [],
      },
      all_sessions: false,
    },
    response: { status: 200, json: notificationSettingsResponse },
  },
  "POST /api/v1/push-subscriptions": {
    id: "addPushSubscription",
    tag: "Notifications",
    summary: "Have a browser take pushes",
    description:
      "For the page's own worker, where the operator has set Web Push (`available` of your notification settings has `push`). For people, not API keys. Ten a person and organization; the oldest goes first.",
    access: { scope: "sessions:write" },
    body: pushSubscriptionBody,
    example: {
      endpoint: "https://push.example.com/send/x",
      p256dh: "BNcRdreALRFXTkOOUHK1EtK2wtaz5Ry4YfYCA_0QTpQtUbVlUls0VJXg7A8u-Ts1XbjhazAkj7I99e8QcYP7DkM",
      auth: "tBHItJI5svbpez7KI4CCXg",
    },
    response: { status: 204 },
  },
  "POST /api/v1/push-subscriptions/remove": {
    id: "removePushSubscription",
    tag: "Notifications",
    summary: "Have a browser take no more pushes",
    access: { scope: "sessions:write" },
    body: removePushSubscriptionBody,
    example: { endpoint: "https://push.example.com/send/x" },
    response: { status: 204 },
  },
  "GET /api/v1/notification-destinations": {
    id: "listNotificationDestinations",
    tag: "Notifications",
    summary: "List destinations of notifications",
    description:
      "Where the organization is told of what happens in its sessions, each event once. For admins; of their addresses the hosts alone.",
    access: { scope: "settings:read" },
    response: { status: 200, json: destinationsResponse },
  },
  "POST /api/v1/notification-destinations": {
    id: "createNotificationDestination",
    tag: "Notifications",
    summary: "Add a destination of notifications",
    description:
      "For admins, at most ten. A `webhook` gets JSON, signed as Standard Webhooks says (https://www.standardwebhooks.com), at least once: the same `webhook-id` means the same delivery. Failed deliveries are tried again for some hours; after five in succession that were given up, or a 410, the destination is turned off.",
    access: admin,
    body: createDestinationBody,
    example: {
      kind: "slack",
      name: "Team channel",
      url: "https://hooks.slack.com/services/T0/B0/x",
      kinds: ["approval", "question"],
    },
    errors: ["key_unreadable"],
    response: { status: 201, json: createDestinationResponse },
  },
  "PATCH /api/v1/notification-destinations/{destination}": {
    id: "updateNotificationDestination",
    tag: "Notifications",
    summary: "Change a destination of notifications",
    description: "Its address stays: to change that, remove the destination and add another.",
    access: admin,
    params: destination,
    body: updateDestinationBody,
    example: { enabled: true },
    response: { status: 200, json: destinationResponse },
  },
  "DELETE /api/v1/notification-destinations/{destination}": {
    id: "removeNotificationDestination",
    tag: "Notifications",
    summary: "Remove a destination of notifications",
    description: "What is still to be sent there is not sent.",
    access: admin,
    params: destination,
    response: { status: 204 },
  },
  "POST /api/v1/notification-destinations/{destination}/test": {
    id: "testNotificationDestination",
    tag: "Notifications",
    summary: "Send a test to a destination",
    access: admin,
    params: destination,
    errors: ["key_unreadable"],
    response: { status: 200, json: testDestinationResponse },
  },
} as const satisfies RouteTable;
