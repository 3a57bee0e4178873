import {
  DELIVERY_LIMITS,
  type DeliveryOutcome,
  HOUR_MS,
  OUTSIDE_CHANNELS,
  type OutsideChannel,
  PERSONAL_CHANNELS,
} from "#domain/deliveries.ts";
import { maskSecrets } from "#domain/mask.ts";
import type { NotificationChannel, NotificationKind, WAITING_KINDS } from "#domain/notifications.ts";
import { NOTIFICATION_LIMITS, waitsForAnswer } from "#domain/notifications.ts";
import { nextAttemptAt, WEBHOOK_CLAIM_MS } from "#domain/webhooks.ts";
import type { Doc, Id } from "../_generated/dataModel";
import type { MutationCtx, QueryCtx } from "../_generated/server";
import { destinationFailed, destinationsFor, destinationTook } from "./destinations.ts";
import { ROWS } from "./due-page.ts";
import { takeUpTo } from "./paging.ts";

type Delivery = Doc<"notificationDeliveries">;
/** What every delivery of the same news says. */
type Said = Pick<Delivery, "organizationId" | "sessionId" | "kind" | "runId" | "key" | "title" | "text">;
type To = Pick<Delivery, "channel" | "userId" | "notificationId" | "destinationId">;

/** At most so many deliveries tell of one request. */
const OF_ONE_REQUEST =
  NOTIFICATION_LIMITS.recipients * PERSONAL_CHANNELS.length + DELIVERY_LIMITS.destinations;

/** Of a page of what is due: deliveries of one organization by one way, and organizations that are looked at. */
const DUE_OF_ONE = 15;
const ORGANIZATIONS = 100;

/**
 * A page of the deliveries that are due: of each organization and way those that wait the longest, so that thousands
 * for a webhook hide no e-mail.
 * @param of `after`: the organization behind which it begins
 * @returns `next`: the last organization that was looked at; null where there is none behind it
 */
export async function dueDeliveries(
  { db }: QueryCtx,
  { now, after }: { now: number; after?: Id<"organizations"> | undefined },
): Promise<{ rows: Delivery[]; next: Id<"organizations"> | null }> {
  const rows: Delivery[] = [];
  let last = after;
  for (let looked = 0; looked < ORGANIZATIONS && rows.length < ROWS; looked += 1) {
    const behind = last;
    const first = await db
      .query("notificationDeliveries")
      .withIndex("by_status_organization", (q) => {
        const waiting = q.eq("status", "due");
        return behind === undefined ? waiting : waiting.gt("organizationId", behind);
      })
      .first();
    if (!first) return { rows, next: null };
    const { organizationId } = first;
    last = organizationId;
    // Most have nothing but what is to be tried again later.
    if (first.dueAt > now) continue;
    for (const channel of OUTSIDE_CHANNELS) {
      const due = db
        .query("notificationDeliveries")
        .withIndex("by_status_organization_channel", (q) =>
          q.eq("status", "due").eq("organizationId", organizationId).eq("channel", channel).lte("dueAt", now),
        );
      rows.push(...(await takeUpTo(due, { rows: DUE_OF_ONE })));
    }
  }
  return { rows, next: last ?? null };
}

async function queue({ db }: MutationCtx, said: Said, to: To, now: number): Promise<void> {
  await db.insert("notificationDeliveries", { ...said, ...to, status: "due", attempts: 0, dueAt: now });
}

/** Has what a person was told leave Studio, by those of their ways that lead outside. */
export async function tellOutside(
  ctx: MutationCtx,
  said: Said,
  person: { userId: Id<"users">; notificationId: Id<"notifications"> },
  wanted: readonly NotificationChannel[],
  now: number,
): Promise<void> {
  for (const channel of PERSONAL_CHANNELS)
    if (wanted.includes(channel)) await queue(ctx, said, { channel, ...person }, now);
}

/** Has it leave to the organization's destinations, each once, however many people are told. */
export async function tellDestinations(ctx: MutationCtx, said: Said, now: number): Promise<void> {
  for (const { _id, kind } of await destinationsFor(ctx, said.organizationId, said.kind))
    await queue(ctx, said, { channel: kind, destinationId: _id }, now);
}

/** What asked for people is over: what has not left by now tells nobody any more. */
export async function deliveriesOver(
  { db }: MutationCtx,
  { runId, kind, key }: { runId: Id<"runs">; kind: (typeof WAITING_KINDS)[number]; key: string },
): Promise<void> {
  const rows = await db
    .query("notificationDeliveries")
    .withIndex("by_request", (q) => q.eq("runId", runId).eq("kind", kind).eq("key", key))
    .take(2 * OF_ONE_REQUEST);
  for (const row of rows) if (row.status === "due") await db.patch(row._id, overNow(row));
}

/** One that counts others is still to tell of them. */
const overNow = ({ more = 0 }: Delivery): Partial<Delivery> =>
  more > 0 ? { isOver: true } : { status: "dropped", isHeld: undefined };

/** The rows of the same recipient and way, those that were tried last first or that wait for room. */
const sameRecipient = (
  { db }: MutationCtx,
  { organizationId, channel, userId, destinationId }: Delivery,
) => ({
  triedSince: (since: number) =>
    db
      .query("notificationDeliveries")
      .withIndex("by_recipient_tried", (q) =>
        q
          .eq("organizationId", organizationId)
          .eq("channel", channel)
          .eq("userId", userId)
          .eq("destinationId", destinationId)
          .gt("triedAt", since),
      )
      .order("desc"),
  held: () =>
    db
      .query("notificationDeliveries")
      .withIndex("by_recipient_held", (q) =>
        q
          .eq("organizationId", organizationId)
          .eq("channel", channel)
          .eq("userId", userId)
          .eq("destinationId", destinationId)
          .eq("isHeld", true),
      ),
});

/** When its recipient may be told again; null where they may now. */
async function roomAt(ctx: MutationCtx, row: Delivery, now: number): Promise<number | null> {
  const most: number | null = DELIVERY_LIMITS.perHour[row.channel];
  if (most === null) return null;
  const tried = await sameRecipient(ctx, row)
    .triedSince(now - HOUR_MS)
    .take(most);
  const first = tried[most - 1]?.triedAt;
  return first === undefined ? null : first + HOUR_MS;
}

/** Has one tell of those that wait for room as well, in one count. @returns how many it counts now */
async function foldHeld(ctx: MutationCtx, row: Delivery): Promise<number> {
  const held = await takeUpTo(sameRecipient(ctx, row).held(), { rows: DELIVERY_LIMITS.folded });
  const others = held.filter(({ _id, status }) => _id !== row._id && status === "due");
  let more = row.more ?? 0;
  for (const { _id, notificationId } of others) {
    const isNews = notificationId === undefined || isStillNews(await ctx.db.get(notificationId));
    await ctx.db.patch(_id, { status: isNews ? "folded" : "dropped", isHeld: undefined });
    if (isNews) more += 1;
  }
  return more;
}

/**
 * Takes the attempt that is due of a delivery, so that no other server makes it.
 * @param isWanted whether its recipient is still to be told; asked once the attempt is due
 * @returns the row as it is now, or null where no attempt is to be made
 */
export async function takeAttempt(
  ctx: MutationCtx,
  row: Delivery,
  isWanted: boolean,
  now: number,
): Promise<Delivery | null> {
  if (!isWanted) {
    await ctx.db.patch(row._id, { status: "dropped", isHeld: undefined });
    return null;
  }
  // A server that dies at each attempt must not make it for ever.
  if (row.attempts > 0 && nextAttemptAt(row.attempts, null, now) === null) {
    await giveUp(ctx, row, {}, now);
    return null;
  }
  const room = row.attempts === 0 ? await roomAt(ctx, row, now) : null;
  if (room !== null) {
    await ctx.db.patch(row._id, { dueAt: room, isHeld: true });
    return null;
  }
  const more = row.attempts === 0 ? await foldHeld(ctx, row) : (row.more ?? 0);
  const taken = {
    attempts: row.attempts + 1,
    dueAt: now + WEBHOOK_CLAIM_MS,
    triedAt: now,
    isHeld: undefined,
    ...(more > 0 && { more }),
  };
  await ctx.db.patch(row._id, taken);
  return { ...row, ...taken };
}

type Noted = Pick<Partial<Delivery>, "lastStatus" | "lastError">;

async function giveUp(
  ctx: MutationCtx,
  row: Delivery,
  noted: Noted & { isGone?: boolean },
  now: number,
): Promise<void> {
  const { isGone = false, ...told } = noted;
  await ctx.db.patch(row._id, { ...told, status: "failed", isHeld: undefined });
  if (row.destinationId)
    await destinationFailed(ctx, row.destinationId, { error: told.lastError ?? row.lastError, isGone }, now);
}

/** Notes what came of an attempt. One that was made again meanwhile says nothing more, unless it got there. */
export async function noteAttempt(
  ctx: MutationCtx,
  row: Delivery,
  came: { attempt: number; outcome: DeliveryOutcome; status: number | null; error?: string | undefined },
  now: number,
): Promise<void> {
  if (row.status !== "due") return;
  const { attempt, outcome, status, error } = came;
  const noted = {
    lastStatus: status ?? undefined,
    lastError: error === undefined ? undefined : maskSecrets(error).slice(0, DELIVERY_LIMITS.errorChars),
  };
  if (outcome === "sent") {
    await ctx.db.patch(row._id, { ...noted, status: "delivered", deliveredAt: now });
    if (row.destinationId) await destinationTook(ctx, row.destinationId, now);
    return;
  }
  if (row.attempts !== attempt) return;
  const next = outcome === "never" ? null : nextAttemptAt(attempt, status, now);
  if (next === null) await giveUp(ctx, row, { ...noted, isGone: status === 410 }, now);
  else await ctx.db.patch(row._id, { ...noted, dueAt: next });
}

/** Whether a notification is still worth telling its person of outside of the page. */
export const isStillNews = (row: Doc<"notifications"> | null): boolean =>
  row !== null && row.goneAt === undefined && (waitsForAnswer(row.kind) || row.readAt === undefined);

/** Whether a person wants this kind by that way now. */
export const wantsBy = (
  channels: Record<NotificationKind, readonly NotificationChannel[]>,
  kind: NotificationKind,
  channel: OutsideChannel,
): boolean => channels[kind].some((one) => one === channel);

/**
 * Removes a step's worth of what was to be sent to somebody who has left an organization.
 * @param of `before`: epoch milliseconds
 * @returns whether there is more to remove
 */
export async function forgetDeliveries(
  { db }: MutationCtx,
  { organization, user, before }: { organization: Id<"organizations">; user: Id<"users">; before: number },
  rows: number,
): Promise<boolean> {
  for (const channel of PERSONAL_CHANNELS) {
    // What is untried comes first, so that what is new must not fill a step: it stays.
    const old = await takeUpTo(
      db
        .query("notificationDeliveries")
        .withIndex("by_recipient_tried", (q) =>
          q.eq("organizationId", organization).eq("channel", channel).eq("userId", user),
        )
        .filter((q) => q.lte(q.field("_creationTime"), before)),
      { rows },
    );
    for (const row of old) await db.delete(row._id);
    if (old.length === rows) return true;
  }
  return false;
}
