import { createECDH } from "node:crypto";
import webPush from "web-push";
import { headingOf, moreWords, pathOf, type Told } from "#domain/deliveries.ts";
import { waitsForAnswer } from "#domain/notifications.ts";
import { env } from "../env.ts";
import { post } from "../webhooks/post.ts";
import type { Came } from "./came.ts";
import { plain } from "./texts.ts";

/** Whether the operator's two keys are of one pair. Never throws: a private key may be none at all. */
export function isPair(publicKey: string, privateKey: string): boolean {
  const ecdh = createECDH("prime256v1");
  try {
    ecdh.setPrivateKey(privateKey, "base64url");
  } catch {
    return false;
  }
  return ecdh.getPublicKey().equals(Buffer.from(publicKey, "base64url"));
}

/** A browser that takes pushes. */
export interface Device {
  endpoint: string;
  p256dh: string;
  auth: string;
}

/** How long the browser's maker keeps one for a device that is away; seconds. */
const TTL_SECONDS = { waiting: 3_600, news: 24 * 3_600 };

/** What a device's service worker gets (public/sw.js). @param id of the notification, by which it is asked of Studio */
const messageOf = (id: string, told: Told) => ({
  id: told.isOver ? null : id,
  title: plain(headingOf(told)),
  body: [told.isOver ? "" : plain(told.text), moreWords(told) ?? ""].filter((line) => line !== "").join("\n"),
  path: pathOf(told),
});

/** Whether something can be encrypted for a device: its keys are whatever a member has sent. */
function isReadable({ p256dh, auth }: Device): boolean {
  try {
    webPush.encrypt(p256dh, auth, "?", "aes128gcm");
    return true;
  } catch {
    return false;
  }
}

const GONE = new Set([404, 410]);
/** What another attempt with the same keys gets as well. */
const REFUSED = new Set([400, 401, 403, 413]);

/**
 * Sends a push to one device, encrypted for it: its maker, who passes it on, can read nothing of it. Never throws.
 * @returns what came of it, and whether the device takes none any more
 */
export async function sendPush(device: Device, id: string, told: Told): Promise<Came & { isGone: boolean }> {
  const settings = env();
  const { WEB_PUSH_PUBLIC_KEY: publicKey, WEB_PUSH_PRIVATE_KEY: privateKey } = settings;
  const never = { outcome: "never" as const, status: null };
  if (publicKey === undefined || privateKey === undefined || settings.WEB_PUSH_SUBJECT === undefined)
    return { ...never, error: "This Studio sends no pushes.", isGone: false };
  if (!isReadable(device)) return { ...never, error: "The device's keys are none.", isGone: true };
  const isWaiting = waitsForAnswer(told.kind);
  const { endpoint, p256dh, auth } = device;
  let request: ReturnType<typeof webPush.generateRequestDetails>;
  try {
    request = webPush.generateRequestDetails(
      { endpoint, keys: { p256dh, auth } },
      JSON.stringify(messageOf(id, told)),
      {
        vapidDetails: { subject: settings.WEB_PUSH_SUBJECT, publicKey, privateKey },
        TTL: isWaiting ? TTL_SECONDS.waiting : TTL_SECONDS.news,
        urgency: isWaiting ? "high" : "normal",
      },
    );
  } catch {
    // The operator's own mistake, which `npm run doctor` finds: no device pays for it.
    return {
      outcome: "later",
      status: null,
      error: "Studio's keys of Web Push sign nothing.",
      isGone: false,
    };
  }
  const { "Content-Length": _counted, ...given } = request.headers;
  const headers = Object.fromEntries(
    Object.entries(given).map(([name, value]) => [name.toLowerCase(), value]),
  );
  const came = await post(request.endpoint, request.body ?? "", headers);
  if (came.error === undefined) return { ...came, outcome: "sent", isGone: false };
  const isGone = came.status !== null && GONE.has(came.status);
  const isFinal = isGone || (came.status !== null && REFUSED.has(came.status));
  return { ...came, outcome: isFinal ? "never" : "later", isGone };
}
