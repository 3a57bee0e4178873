import { beforeEach, describe, expect, test, vi } from "vitest";
import { api } from "#convex/_generated/api.js";
import { forgetNotifications } from "#convex/model/notifications.ts";
import { DELIVERY_LIMITS, SUBSCRIPTION_LIMITS } from "#domain/deliveries.ts";
import { DEFAULT_CHANNELS } from "#domain/notifications.ts";
import { PUSH_SUBSCRIPTION } from "#tests/notification-routes.ts";
import { freshSession, sessionId, generation } from "./ready-session.ts";
import { byKey, external, hashOf, member, type Member, settle } from "./support.ts";
import { ada, db } from "./world.ts";

freshSession();

const ENDPOINT = PUSH_SUBSCRIPTION.endpoint;
const at = (name: string | number) => ({
  ...PUSH_SUBSCRIPTION,
  endpoint: `https://push.example.com/${name}`,
});

const add = async (who: Member, more: object = {}) =>
  await who.as.mutation(api.pushSubscriptions.add, { ...PUSH_SUBSCRIPTION, ...more });
const remove = async (who: Member, endpoint = ENDPOINT) =>
  await who.as.mutation(api.pushSubscriptions.remove, { endpoint });
const has = async (who: Member) => await who.as.query(api.pushSubscriptions.has, { endpoint: ENDPOINT });
const rows = async () => await db.t.run(async (ctx) => await ctx.db.query("pushSubscriptions").collect());
const endpointsOf = async ({ userId, organizationId }: Member) =>
  (await rows())
    .filter((row) => row.userId === userId && row.organizationId === organizationId)
    .map(({ endpoint }) => endpoint);

describe("a device", () => {
  test("is its person's, and removed by nobody else", async () => {
    const bob = await member(db, "bob", "viewer", "ada");
    const eve = await member(db, "eve");
    await add(ada);
    for (const other of [bob, eve]) {
      await remove(other);
      expect(await has(other)).toBe(false);
    }
    expect(await has(ada)).toBe(true);
    expect(await endpointsOf(ada)).toEqual([ENDPOINT]);
    await remove(ada);
    expect(await rows()).toEqual([]);
    await remove(ada);
  });

  test("is listed for its person alone, with where it is pushed to and since when", async () => {
    const bob = await member(db, "bob", "viewer", "ada");
    await add(ada);
    await add(ada, at("second"));
    const list = async (who: Member) => await who.as.query(api.pushSubscriptions.list, {});
    const since = (await rows()).map(({ _creationTime }) => Math.floor(_creationTime));
    expect(await list(ada)).toEqual([
      { endpoint: ENDPOINT, host: new URL(ENDPOINT).host, addedAt: since[0] },
      { endpoint: at("second").endpoint, host: "push.example.com", addedAt: since[1] },
    ]);
    expect(await list(bob)).toEqual([]);
  });

  const audited = async () => {
    const entries = await db.t.run(async (ctx) => await ctx.db.query("auditEntries").collect());
    return entries.filter(({ action }) => action.startsWith("notification_device."));
  };

  test("leaves an entry in the audit log when it comes and when it goes, and none where nothing changes", async () => {
    await add(ada);
    await add(ada, { auth: "AAAAAAAAAAAAAAAAAAAAAA" });
    await remove(ada);
    await remove(ada);
    const target = new URL(ENDPOINT).host;
    expect(await audited()).toMatchObject([
      { action: "notification_device.added", target },
      { action: "notification_device.removed", target },
    ]);
  });

  test("that is subscribed again has one row, with the keys that it has now", async () => {
    await add(ada);
    await add(ada, { auth: "AAAAAAAAAAAAAAAAAAAAAA" });
    expect(await rows()).toMatchObject([{ endpoint: ENDPOINT, auth: "AAAAAAAAAAAAAAAAAAAAAA" }]);
  });

  test("tells its person of each of their organizations, and nobody who used it before", async () => {
    const there = await member(db, "ada", "admin", "second");
    await add(ada);
    await add(there);
    expect(await rows()).toHaveLength(2);
    const bob = await member(db, "bob");
    await add(bob);
    expect(await rows()).toMatchObject([{ userId: bob.userId, organizationId: bob.organizationId }]);
  });

  test("is one of ten at most of each person: the oldest goes", async () => {
    const most = DELIVERY_LIMITS.devices;
    const bob = await member(db, "bob", "viewer", "ada");
    await add(bob);
    for (let i = 0; i <= most; i += 1) await add(ada, at(i));
    expect(await endpointsOf(ada)).toEqual(Array.from({ length: most }, (_, i) => at(i + 1).endpoint));
    expect(await endpointsOf(bob)).toEqual([ENDPOINT]);
    const gone = (await audited()).filter(({ action }) => action === "notification_device.removed");
    expect(gone).toMatchObject([{ target: new URL(at(0).endpoint).host }]);
  });

  test.each([
    ["plain HTTP", { endpoint: "http://push.example.com/x" }],
    ["another scheme", { endpoint: "file:///etc/passwd" }],
    ["no address", { endpoint: "push.example.com/x/y/z" }],
    ["spaces", { endpoint: "https://push.example.com/ x" }],
    ["an overlong address", { endpoint: `https://${"x".repeat(SUBSCRIPTION_LIMITS.endpoint.max)}` }],
    ["an overlong key", { p256dh: "A".repeat(SUBSCRIPTION_LIMITS.p256dh.max + 1) }],
    ["a short key", { p256dh: "AAAA" }],
    ["a key of other characters", { p256dh: `${"A".repeat(86)}\n` }],
    ["an overlong secret", { auth: "A".repeat(SUBSCRIPTION_LIMITS.auth.max + 1) }],
    ["no secret", { auth: "" }],
  ])("with %s is refused, also at Convex itself", async (_, more) => {
    await expect(add(ada, more)).rejects.toThrow();
    expect(await rows()).toEqual([]);
  });

  test("is subscribed by its person, and by none of their API keys", async () => {
    const keyId = await ada.by.mutation(api.apiKeys.create, {
      name: "leaked",
      hash: hashOf("leaked"),
      last4: "abcd",
      scopes: ["sessions:write"],
      environment: "development",
    });
    await expect(
      byKey(db, ada, keyId).mutation(api.pushSubscriptions.add, PUSH_SUBSCRIPTION),
    ).rejects.toMatchObject({ data: { code: "forbidden" } });
    expect(await rows()).toEqual([]);
  });

  test("is removed where its maker says that it is gone, by Studio alone", async () => {
    await add(ada);
    const subscriptionId = (await rows())[0]!._id;
    await expect(ada.as.mutation(api.pushSubscriptions.gone, { subscriptionId })).rejects.toThrow();
    expect(await rows()).toHaveLength(1);
    // Two servers may be told so.
    for (let i = 0; i < 2; i += 1) await db.service.mutation(api.pushSubscriptions.gone, { subscriptionId });
    expect(await rows()).toEqual([]);
  });

  test("goes with who leaves, and with the organization", async () => {
    vi.useFakeTimers();
    const bob = await member(db, "bob", "viewer", "ada");
    await add(ada);
    await add(bob, at("bob"));
    await db.service.mutation(api.identity.removeMember, external("bob", "ada"));
    await settle(db, 5);
    expect(await rows()).toMatchObject([{ userId: ada.userId }]);
    await db.service.mutation(api.identity.removeOrganization, {
      driver: "test",
      organizationId: external("ada").organizationId,
    });
    await settle(db, 20);
    vi.useRealTimers();
    expect(await rows()).toEqual([]);
  });
});

describe("a push", () => {
  beforeEach(async () => {
    const channels = { ...DEFAULT_CHANNELS, failed: ["push" as const] };
    await ada.as.mutation(api.notifications.setSettings, { channels, allSessions: false });
  });

  async function fail(): Promise<void> {
    const { runId } = await ada.as.mutation(api.runs.start, { sessionId, message: "hi" });
    const ending = { status: "failed" as const, error: "It broke.", errorKind: "agent" as const };
    batch += 1;
    const more = { events: [], runEnd: { runId, ending } };
    await db.service.mutation(api.events.append, { sessionId, generation, batch, ...more });
  }
  let batch = 0;
  const now = () => Date.now() + 1_000;
  const due = async () => (await db.service.query(api.due.notifications, { now: now() })).items;
  const claim = async (at = now()) => {
    const { deliveryId } = (await due())[0]!;
    return await db.service.mutation(api.notificationDeliveries.claim, { deliveryId, now: at });
  };

  test("is sent to its person's own devices, by one of two servers", async () => {
    const bob = await member(db, "bob", "viewer", "ada");
    await add(ada, at(1));
    await add(ada, at(2));
    await add(bob);
    await fail();
    const [{ deliveryId } = { deliveryId: undefined }, ...others] = await due();
    expect(others).toEqual([]);
    const take = { deliveryId: deliveryId!, now: now() };
    const taken = await Promise.all([
      db.service.mutation(api.notificationDeliveries.claim, take),
      db.service.mutation(api.notificationDeliveries.claim, take),
    ]);
    const [claimed, ...more] = taken.filter((one) => one !== null);
    expect(more).toEqual([]);
    expect(claimed?.to).toMatchObject({ channel: "push", devices: [at(1), at(2)] });
  });

  test("is none where no device is left by then, or its person has chosen otherwise", async () => {
    await fail();
    expect(await claim()).toBeNull();
    await add(ada);
    await fail();
    await ada.as.mutation(api.notifications.setSettings, { channels: DEFAULT_CHANNELS, allSessions: false });
    expect(await claim()).toBeNull();
    expect(await due()).toEqual([]);
  });

  test("goes to no device of who has left", async () => {
    await add(ada);
    await fail();
    await db.service.mutation(api.identity.removeMember, external("ada"));
    expect(await claim()).toBeNull();
  });
});

test("what was to be sent to who has left goes in steps, however much they are told since they came back", async () => {
  const { organizationId, userId } = ada;
  const insert = async (count: number, more: object) =>
    await db.t.run(async (ctx) => {
      for (let n = 0; n < count; n += 1)
        await ctx.db.insert("notificationDeliveries", {
          organizationId,
          userId,
          sessionId,
          channel: "email",
          kind: "failed",
          title: "t",
          text: "",
          status: "due",
          attempts: 0,
          dueAt: 0,
          ...more,
        });
    });
  const all = async () =>
    await db.t.run(async (ctx) => await ctx.db.query("notificationDeliveries").collect());
  await insert(350, { status: "delivered", triedAt: 1 });
  const before = Math.max(...(await all()).map(({ _creationTime }) => _creationTime));
  // Those that were never tried come first in what is read.
  await insert(60, {});
  const forget = async () =>
    await db.t.run(
      async (ctx) => await forgetNotifications(ctx, { organization: organizationId, user: userId, before }),
    );
  expect([await forget(), await forget()]).toEqual([true, false]);
  expect((await all()).map(({ status }) => status)).toEqual(Array.from({ length: 60 }, () => "due"));
});
