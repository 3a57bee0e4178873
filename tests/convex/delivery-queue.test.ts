import { beforeEach, expect, test } from "vitest";
import { api } from "#convex/_generated/api.js";
import type { Doc, Id } from "#convex/_generated/dataModel.js";
import { HOUR_MS } from "#domain/deliveries.ts";
import { DEFAULT_CHANNELS } from "#domain/notifications.ts";
import { freshSession, generation, sessionId } from "./ready-session.ts";
import { member } from "./support.ts";
import { ada, db } from "./world.ts";

freshSession();

type Delivery = Doc<"notificationDeliveries">;

let now: number;
/** What is due to ada, and what others are made of. */
let due: Id<"notificationDeliveries">;
let row: Omit<Delivery, "_id" | "_creationTime">;

beforeEach(async () => {
  await ada.as.mutation(api.notifications.setSettings, {
    channels: { ...DEFAULT_CHANNELS, failed: ["page", "email"] },
    allSessions: false,
  });
  const { runId } = await ada.as.mutation(api.runs.start, { sessionId, message: "hi" });
  const ending = { status: "failed" as const, error: "It broke.", errorKind: "agent" as const };
  await db.service.mutation(api.events.append, {
    sessionId,
    generation,
    batch: 1,
    events: [],
    runEnd: { runId, ending },
  });
  ({ _id: due, row } = await db.t.run(async (ctx) => {
    const { _id, _creationTime, ...rest } = (await ctx.db.query("notificationDeliveries").first())!;
    return { _id, row: rest };
  }));
  now = Date.now() + 1_000;
});

test("thousands that are due of one organization hide no other's", async () => {
  const zoe = await member(db, "zoe");
  const theirs = await db.t.run(async (ctx) => {
    // Older than all of the others; and some that are to be tried later.
    for (let n = 0; n < 300; n += 1)
      await ctx.db.insert("notificationDeliveries", { ...row, dueAt: n % 2 === 0 ? n : now + 1 });
    return await ctx.db.insert("notificationDeliveries", { ...row, organizationId: zoe.organizationId });
  });
  const page = await db.service.query(api.due.notifications, { now });
  const of = (organizationId: string) => page.items.filter((one) => one.organizationId === organizationId);
  expect(of(ada.organizationId)).toHaveLength(15);
  expect(of(zoe.organizationId)).toMatchObject([{ deliveryId: theirs }]);
  expect(page.next).toBeNull();
  // The walk goes on behind an organization.
  const [first, second] = [...new Set(page.items.map(({ organizationId }) => organizationId))].toSorted();
  const behind = await db.service.query(api.due.notifications, { now, after: first! });
  expect(new Set(behind.items.map(({ organizationId }) => organizationId))).toEqual(new Set([second]));
});

test("thousands that are due by one way hide none by another", async () => {
  await db.t.run(async (ctx) => {
    for (let n = 0; n < 300; n += 1)
      await ctx.db.insert("notificationDeliveries", { ...row, channel: "webhook", dueAt: n });
  });
  const { items } = await db.service.query(api.due.notifications, { now });
  expect(items.filter(({ channel }) => channel === "webhook")).toHaveLength(15);
  expect(items.filter(({ channel }) => channel === "email")).toMatchObject([{ deliveryId: due }]);
});

test("a count has nothing that was read in the page meanwhile", async () => {
  await db.t.run(async (ctx) => {
    const { _id, _creationTime, ...told } = (await ctx.db.get(row.notificationId!))!;
    for (const readAt of [now, now, undefined]) {
      const notificationId = await ctx.db.insert("notifications", { ...told, readAt });
      const held = { ...row, notificationId, dueAt: now + HOUR_MS, isHeld: true };
      await ctx.db.insert("notificationDeliveries", held);
    }
  });
  const claimed = await db.service.mutation(api.notificationDeliveries.claim, { deliveryId: due, now });
  expect(claimed).toMatchObject({ more: 1 });
  const rows = await db.t.run(async (ctx) => await ctx.db.query("notificationDeliveries").collect());
  expect(rows.map(({ status }) => status).toSorted()).toEqual(["dropped", "dropped", "due", "folded"]);
});
