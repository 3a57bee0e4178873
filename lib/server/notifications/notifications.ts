import type { FunctionReturnType } from "convex/server";
import type { z } from "zod";
import { api } from "#convex/_generated/api.js";
import type {
  notificationSchema,
  notificationSettingsResponse,
  notificationSettingsSchema,
  notificationsResponse,
  pushSubscriptionBody,
} from "#contracts/notifications.ts";
import type { Principal } from "#domain/principal.ts";
import { dataFor } from "../convex/client.ts";
import { channelsHere } from "./channels.ts";
import { checkWebhookUrl } from "../webhooks/secret.ts";
import { pageOf } from "../http/page.ts";

type Shown = FunctionReturnType<typeof api.notifications.list>["page"][number];
type Settings = z.infer<typeof notificationSettingsSchema>;
type SettingsResponse = z.infer<typeof notificationSettingsResponse>;

const moment = (at: number | null) => (at === null ? null : new Date(at).toISOString());

const asJson = (row: Shown): z.infer<typeof notificationSchema> => ({
  id: row.id,
  kind: row.kind,
  session_id: row.sessionId,
  run_id: row.runId,
  key: row.key,
  title: row.title,
  text: row.text,
  at: new Date(row.at).toISOString(),
  read_at: moment(row.readAt),
  over_at: moment(row.goneAt),
});

/** A page of the caller's notifications, newest first. */
export async function listNotifications(
  caller: Principal,
  page: { limit: number; cursor?: string | undefined },
): Promise<z.infer<typeof notificationsResponse>> {
  const { rows, nextCursor } = await pageOf(
    page,
    async (paginationOpts) => await dataFor(caller).query(api.notifications.list, { paginationOpts }),
  );
  return { notifications: rows.map(asJson), next_cursor: nextCursor };
}

/** Marks one of the caller's as read, or all of them. @throws HttpError not_found */
export async function readNotifications(caller: Principal, notificationId?: string): Promise<void> {
  if (notificationId === undefined) await dataFor(caller).mutation(api.notifications.readAll, {});
  else await dataFor(caller).mutation(api.notifications.read, { notificationId });
}

/** What the caller wants to be told, and how; and the ways that there are here. */
export async function notificationSettings(caller: Principal): Promise<SettingsResponse> {
  const { channels, allSessions } = await dataFor(caller).query(api.notifications.settings, {});
  return { settings: { channels, all_sessions: allSessions }, available: channelsHere() };
}

/** Sets what the caller wants to be told, and how. @returns it as it is stored */
export async function setNotificationSettings(
  caller: Principal,
  { channels, all_sessions: allSessions }: Settings,
): Promise<SettingsResponse> {
  await dataFor(caller).mutation(api.notifications.setSettings, { channels, allSessions });
  return await notificationSettings(caller);
}

/** Has a browser of the caller's take pushes. @throws HttpError invalid_request where nothing may be sent there */
export async function subscribeDevice(
  caller: Principal,
  subscription: z.infer<typeof pushSubscriptionBody>,
): Promise<void> {
  checkWebhookUrl(subscription.endpoint, "destination_url");
  await dataFor(caller).mutation(api.pushSubscriptions.add, subscription);
}

/** Has one of them take none any more. */
export async function unsubscribeDevice(caller: Principal, endpoint: string): Promise<void> {
  await dataFor(caller).mutation(api.pushSubscriptions.remove, { endpoint });
}
