import webPush from "web-push";
import { headingOf, moreWords, pathOf, type Told } from "#domain/deliveries.ts";
import { waitsForAnswer } from "#domain/notifications.ts";
import { env } from "../env.ts";
import { post } from "../webhooks/post.ts";
import { plain } from "./texts.ts";

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

/**
 * Sends a push to one device, encrypted for it: its maker, who passes it on, can read nothing of it. Never throws.
 * @returns the status, and whether the device takes none any more
 */
export async function sendPush(
  { endpoint, p256dh, auth }: Device,
  id: string,
  told: Told,
): Promise<{ status: number | null; error?: string; isGone: boolean }> {
  const settings = env();
  const { WEB_PUSH_PUBLIC_KEY: publicKey, WEB_PUSH_PRIVATE_KEY: privateKey } = settings;
  if (publicKey === undefined || privateKey === undefined || settings.WEB_PUSH_SUBJECT === undefined)
    return { status: null, error: "This Studio sends no pushes.", isGone: false };
  const isWaiting = waitsForAnswer(told.kind);
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
    // Whatever it was that a member has sent as their browser's keys.
    return { status: null, error: "The device's keys are none.", isGone: true };
  }
  const { "Content-Length": _counted, ...given } = request.headers;
  const headers = Object.fromEntries(
    Object.entries(given).map(([name, value]) => [name.toLowerCase(), String(value)]),
  );
  const came = await post(request.endpoint, request.body ?? "", headers);
  return { ...came, isGone: came.status === 404 || came.status === 410 };
}
