import { DELIVERY_LIMITS } from "#domain/deliveries.ts";
import type { NotificationKind } from "#domain/notifications.ts";
import type { Doc, Id } from "../_generated/dataModel";
import type { MutationCtx, QueryCtx } from "../_generated/server";
import { audit } from "./audit.ts";
import { refuse } from "./refusal.ts";

type Destination = Doc<"notificationDestinations">;

/** An organization's destinations, in the order in which they were added: few. */
export async function destinationsOf(
  { db }: QueryCtx | MutationCtx,
  organizationId: Id<"organizations">,
): Promise<Destination[]> {
  return await db
    .query("notificationDestinations")
    .withIndex("by_organization", (q) => q.eq("organizationId", organizationId))
    .take(DELIVERY_LIMITS.destinations);
}

/** Those that are told of such a thing. */
export async function destinationsFor(
  ctx: MutationCtx,
  organizationId: Id<"organizations">,
  kind: NotificationKind,
): Promise<Destination[]> {
  const all = await destinationsOf(ctx, organizationId);
  return all.filter(({ enabled, kinds }) => enabled && kinds.includes(kind));
}

/** One of an organization's. @throws not_found */
export async function destinationOf(
  { db }: QueryCtx | MutationCtx,
  organizationId: Id<"organizations">,
  destinationId: string,
): Promise<Destination> {
  const id = db.normalizeId("notificationDestinations", destinationId);
  const row = id && (await db.get(id));
  if (row?.organizationId !== organizationId) throw refuse("destination_not_found");
  return row;
}

/** Something has come through. */
export async function destinationTook(
  { db }: MutationCtx,
  destinationId: Id<"notificationDestinations">,
  now: number,
): Promise<void> {
  if (await db.get(destinationId))
    await db.patch(destinationId, { failures: 0, lastError: undefined, lastDeliveredAt: now });
}

/**
 * A delivery was given up. Where that happens again and again, or nobody is there any more, the destination is turned
 * off, and says why.
 */
export async function destinationFailed(
  ctx: MutationCtx,
  destinationId: Id<"notificationDestinations">,
  { error = "No response.", isGone }: { error: string | undefined; isGone: boolean },
  now: number,
): Promise<void> {
  const row = await ctx.db.get(destinationId);
  if (!row?.enabled) return;
  const failures = row.failures + 1;
  const isOff = isGone || failures >= DELIVERY_LIMITS.failures;
  await ctx.db.patch(row._id, {
    failures,
    lastError: error,
    ...(isOff && { enabled: false, offBecause: error, updatedAt: now }),
  });
  if (!isOff) return;
  await audit(ctx, {
    organizationId: row.organizationId,
    actor: { kind: "system", label: "notifications" },
    action: "notification_destination.turned_off",
    target: row.name,
    before: { enabled: true },
    after: { enabled: false, failures, error },
  });
}
