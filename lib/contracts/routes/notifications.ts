import {
  notificationSettingsResponse,
  notificationSettingsSchema,
  notificationsResponse,
  readNotificationsBody,
} from "../notifications.ts";
import type { RouteTable } from "../route.ts";
import { pageQuery } from "../sessions.ts";

const read = { scope: "sessions:read" } as const;

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
} as const satisfies RouteTable;
