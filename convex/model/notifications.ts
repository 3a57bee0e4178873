import {
  briefly,
  type ChannelsByKind,
  DEFAULT_CHANNELS,
  NOTIFICATION_LIMITS,
  type NotificationKind,
  type WAITING_KINDS,
} from "#domain/notifications.ts";
import { maskSecrets } from "#domain/mask.ts";
import type { Doc, Id } from "../_generated/dataModel";
import type { MutationCtx, QueryCtx } from "../_generated/server";
import { deliveriesOver, forgetDeliveries, tellDestinations, tellOutside } from "./deliveries.ts";
import { forgetSubscriptions } from "./push.ts";
import { takeUpTo } from "./paging.ts";

const { kept, recipients: MOST, titleChars, textChars } = NOTIFICATION_LIMITS;
/** Rows of one step of a removal. */
const STEP_ROWS = 200;
/** What a person has beyond their most; more than one only where the most was lowered. */
const TRIMMED = 5;

type Person = { organizationId: Id<"organizations">; userId: Id<"users"> };
type Choices = { channels: ChannelsByKind; allSessions: boolean };

async function choicesRow({ db }: QueryCtx | MutationCtx, { organizationId, userId }: Person) {
  return await db
    .query("notificationChoices")
    .withIndex("by_member", (q) => q.eq("organizationId", organizationId).eq("userId", userId))
    .unique();
}

/** What a member wants to be told, and how. */
export async function choicesOf(ctx: QueryCtx | MutationCtx, person: Person): Promise<Choices> {
  const row = await choicesRow(ctx, person);
  return { channels: row?.channels ?? DEFAULT_CHANNELS, allSessions: row?.allSessions ?? false };
}

/** Stores what a member wants to be told. */
export async function choose(ctx: MutationCtx, { organizationId, userId }: Person, choices: Choices) {
  const row = await choicesRow(ctx, { organizationId, userId });
  if (row) await ctx.db.patch(row._id, choices);
  else await ctx.db.insert("notificationChoices", { organizationId, userId, ...choices });
}

export interface News {
  kind: NotificationKind;
  session: Doc<"sandboxSessions">;
  runId?: Id<"runs"> | undefined;
  /** Of the request or the question. */
  key?: string;
  text: string;
}

/**
 * Tells people of something, by the ways that each has chosen, and the organization's destinations, whether or not
 * anybody else is told. To be called in the transaction of what it tells of, so that there is neither one without the
 * other.
 * @param people members of the session's organization, each once
 */
export async function notify(
  ctx: MutationCtx,
  { kind, session, runId, key, text }: News,
  people: readonly Id<"users">[],
): Promise<void> {
  const { organizationId, _id: sessionId } = session;
  if (session.deletedAt !== undefined) return;
  const now = Date.now();
  const said = {
    organizationId,
    sessionId,
    kind,
    ...(runId && { runId }),
    ...(key !== undefined && { key }),
    // Once, however many are told; before it is cut, since half a secret is known by nothing.
    title: briefly(maskSecrets(session.title), titleChars),
    text: briefly(maskSecrets(text), textChars),
  };
  await tellDestinations(ctx, said, now);
  for (const userId of people.slice(0, MOST)) {
    const { channels } = await choicesOf(ctx, { organizationId, userId });
    const wanted = channels[kind];
    if (wanted.length === 0) continue;
    const notificationId = await ctx.db.insert("notifications", {
      ...said,
      userId,
      inPage: wanted.includes("page"),
      inBrowser: wanted.includes("browser"),
      place: await nextPlace(ctx, { organizationId, userId }),
    });
    await tellOutside(ctx, said, { userId, notificationId }, wanted, now);
  }
}

/** The place of a person's next one; what is too old for their most goes. */
async function nextPlace({ db }: MutationCtx, { organizationId, userId }: Person): Promise<number> {
  const own = () =>
    db
      .query("notifications")
      .withIndex("by_person_place", (q) => q.eq("organizationId", organizationId).eq("userId", userId));
  const place = ((await own().order("desc").first())?.place ?? 0) + 1;
  for (const old of await own().take(TRIMMED)) if (old.place <= place - kept) await db.delete(old._id);
  return place;
}

/** What asked for people is over: nobody is waited for any more. */
export async function notificationsOver(
  ctx: MutationCtx,
  { runId, kind, key }: { runId: Id<"runs">; kind: (typeof WAITING_KINDS)[number]; key: string },
  now: number,
): Promise<void> {
  await deliveriesOver(ctx, { runId, kind, key });
  const { db } = ctx;
  const rows = await db
    .query("notifications")
    .withIndex("by_request", (q) => q.eq("runId", runId).eq("kind", kind).eq("key", key))
    .take(2 * MOST);
  for (const row of rows) if (row.goneAt === undefined) await db.patch(row._id, { goneAt: now });
}

/**
 * Removes a step's worth of what somebody was told in an organization that they have left, and their choices.
 * @param of `before`: epoch milliseconds; what they are told since, as somebody who came back, stays
 * @returns whether there is more to remove
 */
export async function forgetNotifications(
  ctx: MutationCtx,
  { organization, user, before }: { organization: Id<"organizations">; user: Id<"users">; before: number },
): Promise<boolean> {
  const rows = await takeUpTo(
    ctx.db
      .query("notifications")
      .withIndex("by_person_place", (q) => q.eq("organizationId", organization).eq("userId", user)),
    { rows: STEP_ROWS },
  );
  const old = rows.filter((row) => row._creationTime <= before);
  for (const row of old) await ctx.db.delete(row._id);
  if (old.length === STEP_ROWS) return true;
  if (await forgetDeliveries(ctx, { organization, user, before }, STEP_ROWS)) return true;
  const person = { organizationId: organization, userId: user };
  await forgetSubscriptions(ctx, person, before);
  const choices = await choicesRow(ctx, person);
  if (choices && choices._creationTime <= before) await ctx.db.delete(choices._id);
  return false;
}
