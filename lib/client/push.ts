"use client";

import { call } from "./api.ts";

/** Whether this browser can take pushes: it needs HTTPS, and on an iPhone an installed app. */
const canPush = (): boolean => "serviceWorker" in navigator && "PushManager" in window;

const WORKER = "/sw.js";

/** How this browser stands. `blocked`: its person has refused notifications. */
export type DeviceState = "unsupported" | "blocked" | "off" | "on";

async function current(): Promise<PushSubscription | null> {
  const registration = await navigator.serviceWorker.getRegistration(WORKER);
  return (await registration?.pushManager.getSubscription()) ?? null;
}

/** Asks the browser how it stands. */
export async function deviceState(): Promise<DeviceState> {
  if (!canPush()) return "unsupported";
  if (Notification.permission === "denied") return "blocked";
  return (await current()) ? "on" : "off";
}

/** Subscribes this browser, and tells Studio; to be called from a press, since the browser asks its person. */
export async function subscribeDevice(applicationServerKey: string): Promise<DeviceState> {
  if ((await Notification.requestPermission()) !== "granted") return await deviceState();
  await navigator.serviceWorker.register(WORKER);
  const { pushManager } = await navigator.serviceWorker.ready;
  // One of an earlier key takes nothing that is signed with this one.
  await (await pushManager.getSubscription())?.unsubscribe();
  const made = await pushManager.subscribe({ userVisibleOnly: true, applicationServerKey });
  const { keys = {} } = made.toJSON();
  await call("POST /api/v1/push-subscriptions", {
    body: { endpoint: made.endpoint, p256dh: keys["p256dh"] ?? "", auth: keys["auth"] ?? "" },
  });
  return "on";
}

/** Has this browser take none any more, in whichever organization. */
export async function unsubscribeDevice(): Promise<DeviceState> {
  const subscription = await current();
  if (subscription) {
    await call("POST /api/v1/push-subscriptions/remove", { body: { endpoint: subscription.endpoint } });
    await subscription.unsubscribe();
  }
  return "off";
}
