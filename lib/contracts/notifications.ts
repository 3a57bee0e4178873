import { z } from "zod";
import { SUBSCRIPTION_LIMITS } from "#domain/deliveries.ts";
import { NOTIFICATION_CHANNELS, NOTIFICATION_KINDS } from "#domain/notifications.ts";
import { boundedText } from "./limits.ts";
import { idParam } from "./route.ts";

/** One thing that a person was told. */
export const notificationSchema = z.object({
  id: z.string(),
  kind: z.enum(NOTIFICATION_KINDS),
  session_id: z.string(),
  run_id: z.string().nullable(),
  key: z.string().nullable().describe("Of the request or the question that waits, within its run."),
  title: z.string(),
  text: z.string(),
  at: z.iso.datetime(),
  read_at: z.iso.datetime().nullable(),
  over_at: z.iso
    .datetime()
    .nullable()
    .describe("When a request or a question was answered, or nobody asked any more."),
});

/** `GET /api/v1/notifications`, newest first. */
export const notificationsResponse = z.object({
  notifications: z.array(notificationSchema),
  next_cursor: z.string().nullable(),
});

/** `POST /api/v1/notifications/read`. */
export const readNotificationsBody = z.strictObject({
  notification_id: idParam.optional().describe("One of them; without it, all."),
});

const channels = z
  .array(z.enum(NOTIFICATION_CHANNELS))
  .max(NOTIFICATION_CHANNELS.length)
  .describe(
    "`page`: the list of notifications; `browser`: the browser's own, while a page is open; `email`: to your address; `push`: to devices that you have subscribed.",
  );

/** What a person wants to be told, and how. An empty list: not at all. */
export const notificationSettingsSchema = z.strictObject({
  channels: z.strictObject({
    approval: channels,
    question: channels,
    finished: channels,
    failed: channels,
    budget: channels,
  }),
  all_sessions: z
    .boolean()
    .describe(
      "Requests and questions of sessions that you have no part in as well, where you may answer them.",
    ),
});

export const notificationSettingsResponse = z.object({
  settings: notificationSettingsSchema,
  available: z
    .array(z.enum(NOTIFICATION_CHANNELS))
    .describe("The ways that the operator of this Studio has set. By the others nothing comes."),
});

/** `POST /api/v1/push-subscriptions`: what a browser's `PushSubscription` has. */
export const pushSubscriptionBody = z.strictObject({
  endpoint: boundedText(SUBSCRIPTION_LIMITS.endpoint),
  p256dh: boundedText(SUBSCRIPTION_LIMITS.p256dh),
  auth: boundedText(SUBSCRIPTION_LIMITS.auth),
});

/** `POST /api/v1/push-subscriptions/remove`. */
export const removePushSubscriptionBody = pushSubscriptionBody.pick({ endpoint: true });
