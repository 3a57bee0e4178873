"use client";

import { call } from "./api.ts";

/** Whether this browser can take pushes: it needs HTTPS, and on an iPhone an installed app. */
const canPush = (): boolean => "serviceWorker" in navigator && "PushManager" in window;

const WORKER = "/sw.js";

/**
 * How this browser stands. `blocked`: its person has refused notifications. `endpoint`: of its subscription, also of one
 * that another person or organization made; null where it has none.
 */
export type Device = { can: "unsupported" | "blocked" } | { can: "push"; endpoint: string | null };

async function current(): Promise<PushSubscription | null> {
  const registration = await navigator.serviceWorker.getRegistration(WORKER);
  return (await registration?.pushManager.getSubscription()) ?? null;
}

/** Whether a subscription takes what is signed with this key: it takes nothing of an earlier one. */
function isOf({ options }: PushSubscription, key: string): boolean {
  const bytes = new Uint8Array(options.applicationServerKey ?? new ArrayBuffer(0));
  const text = btoa(String.fromCharCode(...bytes));
  return text.replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "") === key;
}

/** Asks the browser how it stands. @param key what it would subscribe with, base64url */
export async function thisDevice(key: string): Promise<Device> {
  if (!canPush()) return { can: "unsupported" };
  if (Notification.permission === "denied") return { can: "blocked" };
  const subscription = await current();
  return { can: "push", endpoint: subscription && isOf(subscription, key) ? subscription.endpoint : null };
}

/** Has this browser tell the caller of this organization; to be called from a press, since it asks its person. */
export async function subscribeDevice(key: string): Promise<Device> {
  if ((await Notification.requestPermission()) !== "granted") return await thisDevice(key);
  await navigator.serviceWorker.register(WORKER);
  const { pushManager } = await navigator.serviceWorker.ready;
  const found = await pushManager.getSubscription();
  if (found && !isOf(found, key)) await found.unsubscribe();
  const made = await pushManager.subscribe({ userVisibleOnly: true, applicationServerKey: key });
  const { keys = {} } = made.toJSON();
  await call("POST /api/v1/push-subscriptions", {
    body: { endpoint: made.endpoint, p256dh: keys["p256dh"] ?? "", auth: keys["auth"] ?? "" },
  });
  return { can: "push", endpoint: made.endpoint };
}

/** Has this browser tell the caller nothing of this organization any more; of others it still does. */
export const unsubscribeDevice = async (endpoint: string): Promise<void> =>
  await call("POST /api/v1/push-subscriptions/remove", { body: { endpoint } });

/** Has this browser take no pushes at all, before its person signs out. Never throws: they sign out all the same. */
export async function leaveDevice(): Promise<void> {
  try {
    const subscription = canPush() ? await current() : null;
    if (!subscription) return;
    await unsubscribeDevice(subscription.endpoint);
    await subscription.unsubscribe();
  } catch {
    // Its maker tells Studio that it is gone, or it is the next person's once they subscribe.
  }
}
