import { randomUUID } from "node:crypto";
import { z } from "zod";
import type { Id } from "#convex/_generated/dataModel.js";
import type { NotificationDelivery } from "#contracts/notification-destinations.ts";
import { type DestinationKind, pathOf, type Told } from "#domain/deliveries.ts";
import { env } from "../env.ts";
import { refuse } from "../http/refuse.ts";
import type { SecretPlace, WrappedKey } from "../keys/envelope.ts";
import { openSecret } from "../keys/own-key.ts";
import { post } from "../webhooks/post.ts";
import { signedHeaders } from "../webhooks/secret.ts";
import type { Came } from "./came.ts";
import { pushKey, sendsMail } from "./channels.ts";
import { sendMail } from "./mail.ts";
import { type Device, sendPush } from "./push.ts";
import { type Links, mailOf, slackOf } from "./texts.ts";

/** One thing to tell. @param id stays the same with each attempt; `at`: when it happened, epoch milliseconds */
export interface Telling extends Told {
  id: string;
  organizationId: string;
  organization: string;
  at: number;
}

const linksOf = ({ organization }: Telling): Links => ({ base: env().STUDIO_PUBLIC_URL, organization });

/** Sends an e-mail to a person's own address. Its Message-ID is made of the delivery's. */
export async function sendByMail(address: string, telling: Telling): Promise<Came> {
  // Whatever a person has chosen: it may have been taken back since, or said to Convex alone.
  if (!sendsMail()) return { outcome: "never", status: null, error: "This Studio sends no e-mail." };
  const { hostname } = new URL(env().STUDIO_PUBLIC_URL);
  const mail = mailOf(telling, linksOf(telling));
  const came = await sendMail({ to: address, ...mail, messageId: `${telling.id}@${hostname}` });
  if (came.sent) return { outcome: "sent", status: null };
  const { isFinal, status, error } = came;
  return { outcome: isFinal ? "never" : "later", status, error };
}

/** A device, and the row that it has. */
export type DeviceRow = Device & { _id: Id<"pushSubscriptions"> };

/**
 * Sends a push to a person's devices. It got there where one of them was reached; where it's sent again, the worker on the
 * others shows it in place of the one before.
 * @param given `forget`: called for each device that takes none any more
 */
export async function sendByPush(
  devices: readonly DeviceRow[],
  { notificationId, telling }: { notificationId: string; telling: Telling },
  forget: (id: DeviceRow["_id"]) => Promise<unknown>,
): Promise<Came> {
  if (pushKey() === null) return { outcome: "never", status: null, error: "This Studio sends no pushes." };
  const came = await Promise.all(
    devices.map(async (device) => {
      const { isGone, ...result } = await sendPush(device, notificationId, telling);
      if (isGone) await forget(device._id);
      return result;
    }),
  );
  const best = (["sent", "later", "never"] as const).map((outcome) =>
    came.find((result) => result.outcome === outcome),
  );
  return (
    best.find((result) => result !== undefined) ?? { outcome: "never", status: null, error: "No device." }
  );
}

/** Where a destination's address is sealed. */
export const destinationPlace = (organizationId: string, sealedFor: string): SecretPlace => ({
  organizationId,
  name: `notification-destination:${sealedFor}`,
  version: 1,
});

const sealedSchema = z.object({ url: z.string(), secret: z.string().optional() });
export type Address = z.infer<typeof sealedSchema>;

/** A destination's address, with what is signed with. @throws HttpError key_unreadable */
export function opensDestination({
  organizationId,
  ciphertext,
  sealedFor,
  dataKey,
}: {
  organizationId: string;
  ciphertext: string;
  sealedFor: string;
  dataKey: WrappedKey | null;
}): Address {
  if (!dataKey) throw refuse("destination_unreadable");
  const place = destinationPlace(organizationId, sealedFor);
  return sealedSchema.parse(
    JSON.parse(openSecret(dataKey, place, ciphertext, "destination_unreadable")) as unknown,
  );
}

/** The channel, or the whole address, is gone; after any other refusal a later attempt may get there. */
const GONE = new Set([403, 404, 410]);

async function toSlack({ url }: Address, body: object): Promise<Came> {
  const { status, error } = await post(url, JSON.stringify(body));
  if (error === undefined) return { outcome: "sent", status };
  return { outcome: status !== null && GONE.has(status) ? "never" : "later", status, error };
}

async function toWebhook(
  { url, secret = "" }: Address,
  id: string,
  body: NotificationDelivery,
): Promise<Came> {
  const text = JSON.stringify(body);
  const { status, error } = await post(url, text, signedHeaders(secret, id, Date.now(), text));
  if (error === undefined) return { outcome: "sent", status };
  return { outcome: status === 410 ? "never" : "later", status, error };
}

/** Sends it to a destination of the organization's. */
export async function sendToDestination(
  kind: DestinationKind,
  address: Address,
  telling: Telling,
): Promise<Came> {
  const links = linksOf(telling);
  if (kind === "slack") return await toSlack(address, slackOf(telling, links));
  return await toWebhook(address, telling.id, {
    type: `notification.${telling.kind}`,
    timestamp: new Date(telling.at).toISOString(),
    data: {
      organization_id: telling.organizationId,
      session_id: telling.sessionId,
      run_id: telling.runId,
      key: telling.key,
      title: telling.title,
      text: telling.text,
      url: new URL(pathOf(telling), links.base).href,
    },
  });
}

const TEST = "This is a test. Notifications of your organization arrive here.";

/** Sends a destination what says that it is a test. */
export async function sendTest(
  kind: DestinationKind,
  organizationId: string,
  address: Address,
): Promise<Came> {
  const base = env().STUDIO_PUBLIC_URL;
  if (kind === "slack") return await toSlack(address, { text: TEST });
  return await toWebhook(address, randomUUID(), {
    type: "notification.test",
    timestamp: new Date().toISOString(),
    data: {
      organization_id: organizationId,
      session_id: null,
      run_id: null,
      key: null,
      title: "Test",
      text: TEST,
      url: new URL("/settings/notifications", base).href,
    },
  });
}
