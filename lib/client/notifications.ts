import type { SentBody } from "#contracts/routes.ts";
import { call } from "./api.ts";

/** Marks one as read, or all of them. */
export const readNotifications = async (notificationId?: string) =>
  await call("POST /api/v1/notifications/read", {
    body: notificationId === undefined ? {} : { notification_id: notificationId },
  });

/** Sets what the reader wants to be told, and how. */
export const saveNotificationSettings = async (body: SentBody<"PUT /api/v1/notification-settings">) =>
  await call("PUT /api/v1/notification-settings", { body });

/** Adds a destination of the organization's; with the secret that signs, where one was made. */
export const addDestination = async (body: SentBody<"POST /api/v1/notification-destinations">) =>
  await call("POST /api/v1/notification-destinations", { body });

/** Changes what a destination is called and told, or turns it on or off. */
export const changeDestination = async (
  destination: string,
  body: SentBody<"PATCH /api/v1/notification-destinations/{destination}">,
) => await call("PATCH /api/v1/notification-destinations/{destination}", { params: { destination }, body });

/** Removes a destination. */
export const removeDestination = async (destination: string) =>
  await call("DELETE /api/v1/notification-destinations/{destination}", { params: { destination } });

/** Sends a destination a test, and waits for what came of it. */
export const testDestination = async (destination: string) =>
  await call("POST /api/v1/notification-destinations/{destination}/test", {
    params: { destination },
    timeoutMs: 30_000,
  });
