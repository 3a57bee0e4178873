import type { SentBody } from "#contracts/routes.ts";
import type { NotificationKind } from "#domain/notifications.ts";
import { call } from "./api.ts";

/** What each kind is called where it is told. */
export const KIND_WORDS: Record<NotificationKind, string> = {
  approval: "Needs approval",
  question: "Asks a question",
  finished: "Finished",
  failed: "Failed",
  budget: "Budget",
};

/** Marks one as read, or all of them. */
export const readNotifications = async (notificationId?: string) =>
  await call("POST /api/v1/notifications/read", {
    body: notificationId === undefined ? {} : { notification_id: notificationId },
  });

/** Sets what the reader wants to be told, and how. */
export const saveNotificationSettings = async (body: SentBody<"PUT /api/v1/notification-settings">) =>
  await call("PUT /api/v1/notification-settings", { body });
