"use client";

import { useConvexConnectionState, usePaginatedQuery, useQuery } from "convex/react";
import type { FunctionReturnType } from "convex/server";
import { api } from "#convex/_generated/api.js";
import { type Pages, pagesOf } from "./live-settings.ts";

/** One thing that the reader was told. */
export type NotificationRow = FunctionReturnType<typeof api.notifications.list>["page"][number];
/** What a person wants to be told, and how. */
export type NotificationSettings = FunctionReturnType<typeof api.notifications.settings>;

const PAGE = 25;

/** What the reader was told, newest first, as it comes. */
export function useNotifications(): Pages<NotificationRow> {
  const found = usePaginatedQuery(api.notifications.list, {}, { initialNumItems: PAGE });
  return pagesOf(found, useConvexConnectionState().isWebSocketConnected);
}

/** How many are unread, and how much waits for the reader; undefined until that is known. */
export const useNotificationCounts = () => useQuery(api.notifications.counts, {});

/** The newest that the browser is to show; undefined until they are there. */
export const useBrowserRows = (): readonly NotificationRow[] | undefined =>
  useQuery(api.notifications.forBrowser, {});

/** What the reader wants to be told; undefined until that is known. */
export const useNotificationSettings = (): NotificationSettings | undefined =>
  useQuery(api.notifications.settings, {});

/** A browser that takes pushes for the reader. */
type DeviceRow = FunctionReturnType<typeof api.pushSubscriptions.list>[number];

/** The browsers that take pushes for the reader, in this organization; undefined until they are there. */
export const useDevices = (): readonly DeviceRow[] | undefined => useQuery(api.pushSubscriptions.list, {});

/** A place that the organization's news go to, without its address. */
export type DestinationRow = FunctionReturnType<typeof api.notificationDestinations.list>[number];

/** The organization's destinations, as they change; undefined until they are there. For admins. */
export const useDestinations = (): readonly DestinationRow[] | undefined =>
  useQuery(api.notificationDestinations.list, {});
