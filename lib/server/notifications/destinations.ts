import { randomUUID } from "node:crypto";
import type { FunctionReturnType } from "convex/server";
import type { z } from "zod";
import { api } from "#convex/_generated/api.js";
import type {
  createDestinationBody,
  Destination,
  updateDestinationBody,
} from "#contracts/notification-destinations.ts";
import type { Principal } from "#domain/principal.ts";
import { actorOf, dataFor, serviceData } from "../convex/client.ts";
import { refuse } from "../http/refuse.ts";
import { seal } from "../keys/envelope.ts";
import { dataKeyFor } from "../keys/own-key.ts";
import { checkWebhookUrl, newSecret } from "../webhooks/secret.ts";
import { destinationPlace, opensDestination, sendTest } from "./send.ts";

type Caller = Exclude<Principal, { kind: "service" }>;
type Row = FunctionReturnType<typeof api.notificationDestinations.list>[number];

const moment = (at: number) => new Date(at).toISOString();

const show = (row: Row): Destination => ({
  id: row.id,
  kind: row.kind,
  name: row.name,
  host: row.host,
  kinds: row.kinds,
  enabled: row.enabled,
  off_because: row.offBecause,
  last_error: row.lastError,
  last_delivered_at: row.lastDeliveredAt === null ? null : moment(row.lastDeliveredAt),
  created_at: moment(row.createdAt),
  updated_at: moment(row.updatedAt),
});

/** The organization's destinations, without their addresses. @throws HttpError forbidden */
export const listDestinations = async (caller: Caller): Promise<Destination[]> =>
  (await dataFor(caller).query(api.notificationDestinations.list, {})).map(show);

/**
 * Adds a destination. Nothing is sent there yet.
 * @returns it, and the secret that deliveries are signed with, where one was made
 * @throws HttpError invalid_request | forbidden | key_unreadable | unavailable
 */
export async function createDestination(
  caller: Caller,
  { kind, name, url, secret: given, kinds }: z.infer<typeof createDestinationBody>,
): Promise<{ destination: Destination; secret?: string }> {
  const { host } = checkWebhookUrl(url, "destination_url");
  if (kind === "slack" && given !== undefined) throw refuse("destination_secret");
  const actor = actorOf(caller);
  const { organizationId, dataKey } = await serviceData().query(api.notificationDestinations.forMaking, {
    actor,
  });
  const secret = kind === "webhook" ? (given ?? newSecret()) : undefined;
  const { key, made } = dataKeyFor(organizationId, dataKey);
  const sealedFor = randomUUID();
  const row = await serviceData().mutation(api.notificationDestinations.create, {
    actor,
    kind,
    name,
    host,
    kinds,
    ciphertext: seal(key, destinationPlace(organizationId, sealedFor), JSON.stringify({ url, secret })),
    sealedFor,
    ...(made && { dataKey: made }),
  });
  return {
    destination: show(row),
    ...(given === undefined && secret !== undefined && { secret }),
  };
}

/** Changes what a destination is called and told, or turns it on or off. @throws HttpError not_found | forbidden */
export async function updateDestination(
  caller: Caller,
  destinationId: string,
  { name, kinds, enabled }: z.infer<typeof updateDestinationBody>,
): Promise<Destination> {
  return show(
    await dataFor(caller).mutation(api.notificationDestinations.update, {
      destinationId,
      ...(name !== undefined && { name }),
      ...(kinds && { kinds }),
      ...(enabled !== undefined && { enabled }),
    }),
  );
}

/** Removes a destination; what is still to be sent there is not sent. @throws HttpError not_found | forbidden */
export async function removeDestination(caller: Caller, destinationId: string): Promise<void> {
  await dataFor(caller).mutation(api.notificationDestinations.remove, { destinationId });
}

/**
 * Sends a destination something that says it is a test, once.
 * @throws HttpError not_found | forbidden | key_unreadable
 */
export async function testDestination(
  caller: Caller,
  destinationId: string,
): Promise<{ sent: boolean; error: string | null }> {
  const actor = actorOf(caller);
  const { kind, ...sealed } = await serviceData().query(api.notificationDestinations.forTest, {
    actor,
    destinationId,
  });
  const { outcome, error = null } = await sendTest(kind, sealed.organizationId, opensDestination(sealed));
  await serviceData().mutation(api.notificationDestinations.noteTest, { actor, destinationId, error });
  return { sent: outcome === "sent", error };
}
