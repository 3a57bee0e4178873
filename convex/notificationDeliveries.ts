import { v } from "convex/values";
import { DELIVERY_OUTCOMES, DESTINATION_KINDS } from "#domain/deliveries.ts";
import { NOTIFICATION_KINDS } from "#domain/notifications.ts";
import type { Doc } from "./_generated/dataModel";
import type { MutationCtx } from "./_generated/server";
import { serviceMutation } from "./functions.ts";
import { dataKey, dataKeyOf } from "./model/data-keys.ts";
import { isStillNews, noteAttempt, takeAttempt, wantsBy } from "./model/deliveries.ts";
import { choicesOf } from "./model/notifications.ts";
import { subscriptionsOf } from "./model/push.ts";
import { literals } from "./model/zod-validator.ts";
import schema from "./schema.ts";

const recipient = v.union(
  v.object({ channel: v.literal("email"), address: v.string() }),
  v.object({
    channel: v.literal("push"),
    notificationId: v.id("notifications"),
    devices: v.array(schema.doc("pushSubscriptions").pick("_id", "endpoint", "p256dh", "auth")),
  }),
  v.object({
    channel: literals(DESTINATION_KINDS),
    ciphertext: v.string(),
    sealedFor: v.string(),
    dataKey: v.nullable(dataKey),
  }),
);
type Recipient = typeof recipient.type;

/** Where a delivery goes as things stand; null where nobody is to be told any more. */
async function recipientOf(
  ctx: MutationCtx,
  { organizationId, kind, channel, userId, notificationId, destinationId }: Delivery,
): Promise<Recipient | null> {
  if (channel === "slack" || channel === "webhook") {
    const destination = destinationId && (await ctx.db.get(destinationId));
    if (!destination?.enabled || !destination.kinds.includes(kind)) return null;
    const { ciphertext, sealedFor } = destination;
    return { channel, ciphertext, sealedFor, dataKey: await dataKeyOf(ctx, organizationId) };
  }
  if (!userId || !notificationId) return null;
  const [user, member, { channels }] = await Promise.all([
    ctx.db.get(userId),
    ctx.db
      .query("members")
      .withIndex("by_organization_user", (q) => q.eq("organizationId", organizationId).eq("userId", userId))
      .unique(),
    choicesOf(ctx, { organizationId, userId }),
  ]);
  if (!user || !member || user.deletedAt !== undefined || !wantsBy(channels, kind, channel)) return null;
  if (channel === "email") return { channel, address: user.email };
  const found = await subscriptionsOf(ctx, { organizationId, userId });
  if (found.length === 0) return null;
  const devices = found.map(({ _id, endpoint, p256dh, auth }) => ({ _id, endpoint, p256dh, auth }));
  return { channel, notificationId, devices };
}

/** Whether what it tells of is over; one that counts others is sent for those. */
const isOver = async ({ db }: MutationCtx, row: Delivery): Promise<boolean> =>
  row.isOver === true || (row.notificationId !== undefined && !isStillNews(await db.get(row.notificationId)));

type Delivery = Doc<"notificationDeliveries">;

/** Takes an attempt that is due, so that no other server makes it; null where there is none. */
export const claim = serviceMutation({
  args: { deliveryId: v.id("notificationDeliveries"), now: v.number() },
  returns: v.nullable(
    v.object({
      organizationId: v.id("organizations"),
      organization: v.string(),
      kind: literals(NOTIFICATION_KINDS),
      sessionId: v.id("sandboxSessions"),
      runId: v.nullable(v.id("runs")),
      key: v.nullable(v.string()),
      title: v.string(),
      text: v.string(),
      /** When it happened; epoch milliseconds. */
      at: v.number(),
      attempt: v.number(),
      /** How many others it tells of in one count; `isOver`: of those alone. */
      more: v.number(),
      isOver: v.boolean(),
      to: recipient,
    }),
  ),
  handler: async (ctx, { deliveryId, now }) => {
    const row = await ctx.db.get(deliveryId);
    if (row?.status !== "due" || row.dueAt > now) return null;
    const { organizationId, sessionId } = row;
    const [organization, session] = await Promise.all([ctx.db.get(organizationId), ctx.db.get(sessionId)]);
    const isThere = organization?.deletedAt === undefined && session?.deletedAt === undefined;
    const to = organization && session && isThere ? await recipientOf(ctx, row) : null;
    const over = await isOver(ctx, row);
    const taken = await takeAttempt(ctx, row, to !== null && (!over || row.more !== undefined), now);
    if (!taken || !to) return null;
    return {
      organizationId,
      organization: organization?.name ?? "",
      kind: row.kind,
      sessionId,
      runId: row.runId ?? null,
      key: row.key ?? null,
      title: row.title,
      text: row.text,
      at: Math.floor(row._creationTime),
      attempt: taken.attempts,
      more: taken.more ?? 0,
      isOver: over,
      to,
    };
  },
});

/** What came of an attempt. One that was made again meanwhile says nothing more, unless it got there. */
export const came = serviceMutation({
  args: {
    deliveryId: v.id("notificationDeliveries"),
    attempt: v.number(),
    outcome: literals(DELIVERY_OUTCOMES),
    /** HTTP's or SMTP's code; null where there was none. */
    status: v.nullable(v.number()),
    error: v.optional(v.string()),
    now: v.number(),
  },
  returns: v.null(),
  handler: async (ctx, { deliveryId, now, ...what }) => {
    const row = await ctx.db.get(deliveryId);
    if (row) await noteAttempt(ctx, row, what, now);
    return null;
  },
});
