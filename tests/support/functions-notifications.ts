import { DEFAULT_CHANNELS } from "#domain/notifications.ts";
import { PUSH_SUBSCRIPTION } from "./notification-routes.ts";
import { type Access, actor, member, service } from "./function-access.ts";

/** The functions of what people are asked and told: see functions.ts. */
export const NOTIFICATION_FUNCTIONS: Record<string, Access> = {
  "approvals:pending": member("viewer", "sessions:read", "not_found", ({ runId }) => ({ runId })),
  "approvals:decide": member("member", "approvals:write", "not_found", ({ runId }) => ({
    runId,
    key: "k",
    decision: "approved",
  })),
  "questions:pending": member("viewer", "sessions:read", "not_found", ({ runId }) => ({ runId })),
  "questions:get": member("viewer", "sessions:read", "not_found", ({ runId }) => ({ runId, key: "k" })),
  "questions:answer": member("member", "approvals:write", "not_found", ({ runId }) => ({
    within: { runId },
    key: "k",
    answers: null,
  })),
  "notifications:list": member("viewer", "sessions:read", "own", () => ({
    paginationOpts: { numItems: 5, cursor: null },
  })),
  "notifications:counts": member("viewer", "sessions:read", "own"),
  "notifications:forBrowser": member("viewer", "sessions:read", "own"),
  "notifications:settings": member("viewer", "sessions:read", "own"),
  "notifications:read": member("viewer", "sessions:read", "not_found", ({ notificationId }) => ({
    notificationId,
  })),
  "notifications:readAll": member("viewer", "sessions:read", "own"),
  "notifications:setSettings": member("viewer", "sessions:write", "own", () => ({
    channels: DEFAULT_CHANNELS,
    allSessions: false,
  })),
  "due:notifications": service(() => ({ now: 0 })),
  "notificationDeliveries:claim": service(({ deliveryId }) => ({ deliveryId, now: 0 })),
  "notificationDeliveries:came": service(({ deliveryId }) => ({
    deliveryId,
    attempt: 1,
    outcome: "sent",
    status: null,
    now: 0,
  })),
  "notificationDestinations:list": member("admin", "settings:read", "own"),
  "notificationDestinations:forMaking": actor("admin", "settings:write", "own"),
  "notificationDestinations:create": actor("admin", "settings:write", "own", () => ({
    kind: "slack",
    name: "Channel",
    host: "hooks.slack.com",
    kinds: ["failed"],
    ciphertext: "c",
    sealedFor: "s",
    dataKey: { wrapped: "w", kekVersion: 1 },
  })),
  "notificationDestinations:update": member("admin", "settings:write", "not_found", (ids) => ({
    destinationId: ids.destinationId,
    enabled: false,
  })),
  "notificationDestinations:remove": member("admin", "settings:write", "not_found", (ids) => ({
    destinationId: ids.destinationId,
  })),
  "notificationDestinations:forTest": actor("admin", "settings:write", "not_found", (ids) => ({
    destinationId: ids.destinationId,
  })),
  "notificationDestinations:noteTest": actor("admin", "settings:write", "not_found", (ids) => ({
    destinationId: ids.destinationId,
    error: null,
  })),
  "pushSubscriptions:add": {
    for: "member",
    min: "viewer",
    scope: "sessions:write",
    foreign: "own",
    args: () => PUSH_SUBSCRIPTION,
    peopleOnly: true,
  },
  "pushSubscriptions:list": {
    for: "member",
    min: "viewer",
    scope: "sessions:read",
    foreign: "own",
    args: () => ({}),
    peopleOnly: true,
  },
  "pushSubscriptions:has": member("viewer", "sessions:read", "own", () => ({
    endpoint: PUSH_SUBSCRIPTION.endpoint,
  })),
  "pushSubscriptions:remove": member("viewer", "sessions:write", "own", () => ({
    endpoint: PUSH_SUBSCRIPTION.endpoint,
  })),
  "pushSubscriptions:gone": service(({ subscriptionId }) => ({ subscriptionId })),
};
