import { DELIVERY_LIMITS } from "#domain/deliveries.ts";
import type { Doc, Id } from "../_generated/dataModel";
import type { MutationCtx, QueryCtx } from "../_generated/server";

type Person = { organizationId: Id<"organizations">; userId: Id<"users"> };
type Subscription = Pick<Doc<"pushSubscriptions">, "endpoint" | "p256dh" | "auth">;

/** Rows of one endpoint: one for each organization of its person; of more, some would be another's. */
const OF_ENDPOINT = 50;

/** The browsers that take pushes for a member, the oldest first: few. */
export async function subscriptionsOf(
  { db }: QueryCtx | MutationCtx,
  { organizationId, userId }: Person,
): Promise<Doc<"pushSubscriptions">[]> {
  return await db
    .query("pushSubscriptions")
    .withIndex("by_member", (q) => q.eq("organizationId", organizationId).eq("userId", userId))
    .take(DELIVERY_LIMITS.devices);
}

/**
 * Has a browser take pushes for a member, in place of their oldest where they have too many. Who used it before, in
 * whichever organization, is told nothing there any more: what is theirs must not be shown to who signs in next.
 * @returns whether it took none before; and the endpoint that it replaces
 */
export async function subscribe(
  ctx: MutationCtx,
  person: Person,
  given: Subscription,
): Promise<{ isNew: boolean; replaced: string | null }> {
  const same = await ctx.db
    .query("pushSubscriptions")
    .withIndex("by_endpoint", (q) => q.eq("endpoint", given.endpoint))
    .take(OF_ENDPOINT);
  const isOf = (row: Person) => row.userId === person.userId && row.organizationId === person.organizationId;
  for (const row of same)
    if (row.userId !== person.userId || row.organizationId === person.organizationId)
      await ctx.db.delete(row._id);
  const own = await subscriptionsOf(ctx, person);
  const replaced = own.length >= DELIVERY_LIMITS.devices ? own[0] : undefined;
  if (replaced) await ctx.db.delete(replaced._id);
  await ctx.db.insert("pushSubscriptions", { ...person, ...given });
  return { isNew: !same.some(isOf), replaced: replaced?.endpoint ?? null };
}

/** Has a browser take none any more. @returns false where it took none */
export async function unsubscribe(ctx: MutationCtx, person: Person, endpoint: string): Promise<boolean> {
  const found = (await subscriptionsOf(ctx, person)).filter((row) => row.endpoint === endpoint);
  for (const row of found) await ctx.db.delete(row._id);
  return found.length > 0;
}

/** The host of the browser's maker that pushes go through, by which a person tells a device from another. */
export const hostOf = (endpoint: string): string => URL.parse(endpoint)?.host ?? "";

/** Forgets the browsers of somebody who has left. @param before epoch milliseconds */
export async function forgetSubscriptions(ctx: MutationCtx, person: Person, before: number): Promise<void> {
  for (const row of await subscriptionsOf(ctx, person))
    if (row._creationTime <= before) await ctx.db.delete(row._id);
}
