/** This folder tells others of what has ended here, by the rules of https://www.standardwebhooks.com. */

import { createHmac, randomBytes, randomUUID } from "node:crypto";
import { api } from "#convex/_generated/api.js";
import type { Principal } from "#domain/principal.ts";
import { actorOf, serviceData } from "../convex/client.ts";
import { refuse } from "../http/refuse.ts";
import { seal } from "../keys/envelope.ts";
import { dataKeyFor } from "../keys/own-key.ts";
import { guardPolicy } from "../keys/provider-keys.ts";
import { checkUrl, ForbiddenAddress } from "../net/guarded-fetch.ts";

type Caller = Exclude<Principal, { kind: "service" }>;

const PREFIX = "whsec_";
const SECRET_BYTES = 32;

/** Where a webhook's secret is sealed. */
export const placeOf = (organizationId: string, sealedFor: string) => ({
  organizationId,
  name: `run-webhook:${sealedFor}`,
  version: 1,
});

/**
 * Checks an address that is told of things.
 * @param refusal its words: which field has the address
 * @throws HttpError invalid_request where nothing may be sent there
 */
export function checkWebhookUrl(
  url: string,
  refusal: "webhook_url" | "destination_url" = "webhook_url",
): URL {
  try {
    return checkUrl(url, guardPolicy());
  } catch (error) {
    if (error instanceof ForbiddenAddress) throw refuse(refusal, { fault: error.message });
    throw error;
  }
}

/** A secret to sign with, as Standard Webhooks writes it. */
export const newSecret = (): string => `${PREFIX}${randomBytes(SECRET_BYTES).toString("base64")}`;

/**
 * What a run's row of its webhook needs, the secret sealed; and the secret, where one was made.
 * @throws HttpError invalid_request | forbidden | key_unreadable
 */
export async function webhookFor(
  caller: Caller,
  { url, secret: given }: { url: string; secret?: string | undefined },
) {
  checkWebhookUrl(url);
  const { organizationId, dataKey } = await serviceData().query(api.runWebhooks.forMaking, {
    actor: actorOf(caller),
  });
  const secret = given ?? newSecret();
  const { key, made } = dataKeyFor(organizationId, dataKey);
  const sealedFor = randomUUID();
  const ciphertext = seal(key, placeOf(organizationId, sealedFor), secret);
  return {
    webhook: { url, ciphertext, sealedFor, ...(made && { dataKey: made }) },
    ...(given === undefined && { secret }),
  };
}

/**
 * The headers that a delivery is known by: the same id with each attempt, and an HMAC-SHA256 over id, time and body.
 * @param at epoch milliseconds
 */
export function signedHeaders(secret: string, id: string, at: number, body: string): Record<string, string> {
  const timestamp = String(Math.floor(at / 1_000));
  const key = Buffer.from(secret.slice(PREFIX.length), "base64");
  const signature = createHmac("sha256", key).update(`${id}.${timestamp}.${body}`).digest("base64");
  return { "webhook-id": id, "webhook-timestamp": timestamp, "webhook-signature": `v1,${signature}` };
}
