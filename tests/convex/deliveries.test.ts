import { beforeEach, describe, expect, test, vi } from "vitest";
import { api, internal } from "#convex/_generated/api.js";
import type { Doc, Id } from "#convex/_generated/dataModel.js";
import { DELIVERY_LIMITS, HOUR_MS } from "#domain/deliveries.ts";
import { DEFAULT_CHANNELS, type NotificationKind } from "#domain/notifications.ts";
import { WEBHOOK_CLAIM_MS, WEBHOOK_RETRIES_MS } from "#domain/webhooks.ts";
import { freshSession, generation, sessionId } from "./ready-session.ts";
import { external, member, type Member, settle } from "./support.ts";
import { DESTINATION } from "./things.ts";
import { ada, db } from "./world.ts";

freshSession();

type DeliveryId = Id<"notificationDeliveries">;
const KEY = { wrapped: "w", kekVersion: 1 };

let runId: Id<"runs">;
let batch: number;
let now: number;

beforeEach(async () => {
  ({ runId } = await ada.as.mutation(api.runs.start, { sessionId, message: "hi" }));
  batch = 0;
  now = Date.now() + 1_000;
});

const mailFor = async (who: Member, ...kinds: NotificationKind[]) =>
  await who.as.mutation(api.notifications.setSettings, {
    channels: {
      ...DEFAULT_CHANNELS,
      ...Object.fromEntries(kinds.map((kind) => [kind, ["page" as const, "email" as const]])),
    },
    allSessions: false,
  });

async function say(more: object): Promise<void> {
  batch += 1;
  await db.service.mutation(api.events.append, {
    sessionId,
    generation,
    batch,
    events: [],
    ...more,
  });
}

async function ask(key: string): Promise<void> {
  const payload = JSON.stringify({
    approval_key: key,
    tool: "bash",
    tool_call_id: `call-${key}`,
    kind: "execute",
    summary: `Run ${key}`,
    request: { command: "npm test" },
    expires_at: Date.now() + 600_000,
  });
  await say({
    events: [{ type: "approval.requested", source: "agent.permission", payload, runId, rpcId: `"${key}"` }],
  });
}

const fail = async () =>
  await say({ runEnd: { runId, ending: { status: "failed", error: "It broke.", errorKind: "agent" } } });
const due = async (at = now) => (await db.service.query(api.due.notifications, { now: at })).items;
const claim = async (deliveryId: DeliveryId, at = now) =>
  await db.service.mutation(api.notificationDeliveries.claim, { deliveryId, now: at });
const came = async (deliveryId: DeliveryId, attempt: number, more: object = {}) =>
  await db.service.mutation(api.notificationDeliveries.came, {
    deliveryId,
    attempt,
    outcome: "sent",
    status: null,
    now,
    ...more,
  });
const rows = async () =>
  await db.t.run(async (ctx) => await ctx.db.query("notificationDeliveries").collect());
const states = async () => (await rows()).map(({ status }) => status);
const only = async (): Promise<DeliveryId> => {
  const found = await due();
  expect(found).toHaveLength(1);
  return found[0]!.deliveryId;
};
const connect = async (more: object = {}) =>
  await ada.by.mutation(api.notificationDestinations.create, { ...DESTINATION, dataKey: KEY, ...more });
const destinations = async () => await ada.as.query(api.notificationDestinations.list, {});

describe("a delivery to a person", () => {
  test("is due with its notification where they chose it, and goes to their own address", async () => {
    await ask("before");
    expect(await due()).toEqual([]);
    await mailFor(ada, "approval");
    await ask("a");
    const deliveryId = await only();
    expect(await claim(deliveryId)).toMatchObject({
      kind: "approval",
      sessionId,
      runId,
      key: "a",
      text: "Run a",
      attempt: 1,
      more: 0,
      isOver: false,
      to: { channel: "email", address: "ada@studio.example" },
    });
  });

  test("is taken by one of two servers, and noted once", async () => {
    await mailFor(ada, "approval");
    await ask("a");
    const deliveryId = await only();
    const both = await Promise.all([claim(deliveryId), claim(deliveryId)]);
    expect(both.filter(Boolean)).toHaveLength(1);
    await came(deliveryId, 1);
    await came(deliveryId, 1, { outcome: "never", error: "late" });
    expect(await rows()).toMatchObject([{ status: "delivered", attempts: 1 }]);
    expect(await due(now + 10 * HOUR_MS)).toEqual([]);
  });

  test("is made again after a crash, and given up with its error masked", async () => {
    await mailFor(ada, "failed");
    await fail();
    const deliveryId = await only();
    await claim(deliveryId);
    expect(await due(now)).toEqual([]);
    now += WEBHOOK_CLAIM_MS;
    for (let attempt = 2; attempt <= WEBHOOK_RETRIES_MS.length + 1; attempt += 1) {
      expect((await claim(deliveryId))?.attempt).toBe(attempt);
      // The one that crashed says nothing more.
      await came(deliveryId, attempt - 1, { outcome: "never" });
      const error = `sk_studio_${"a".repeat(43)} ${"x".repeat(2_000)}`;
      await came(deliveryId, attempt, { outcome: "later", status: 451, error });
      now += WEBHOOK_RETRIES_MS[attempt - 1] ?? 0;
    }
    const [row] = await rows();
    expect(row).toMatchObject({ status: "failed", lastStatus: 451 });
    expect(row?.lastError?.length).toBeLessThanOrEqual(DELIVERY_LIMITS.errorChars);
    expect(row?.lastError).not.toContain("sk_studio_aaa");
    expect(await claim(deliveryId)).toBeNull();
  });

  test("is made by no server that crashes each time for ever", async () => {
    await mailFor(ada, "failed");
    await fail();
    const deliveryId = await only();
    let attempts = 0;
    for (; attempts < 50 && (await claim(deliveryId)); attempts += 1) now += WEBHOOK_CLAIM_MS;
    expect(attempts).toBe(WEBHOOK_RETRIES_MS.length + 1);
    expect(await states()).toEqual(["failed"]);
  });

  test("is not made where another attempt would fare no better", async () => {
    await mailFor(ada, "failed");
    await fail();
    const deliveryId = await only();
    await claim(deliveryId);
    await came(deliveryId, 1, { outcome: "never", status: 550, error: "No." });
    expect(await rows()).toMatchObject([{ status: "failed", lastError: "No." }]);
  });

  test("of a request that is answered before is not sent", async () => {
    await mailFor(ada, "approval");
    await ask("a");
    const deliveryId = await only();
    await ada.as.mutation(api.approvals.decide, { runId, key: "a", decision: "approved" });
    expect(await states()).toEqual(["dropped"]);
    expect(await claim(deliveryId)).toBeNull();
  });

  test("of a request that was only read is sent; of an end that was read it isn't", async () => {
    await mailFor(ada, "approval", "failed");
    await ask("a");
    const waiting = await only();
    await ada.as.mutation(api.notifications.readAll, {});
    expect(await claim(waiting)).not.toBeNull();
    await came(waiting, 1);
    await fail();
    const ended = await only();
    await ada.as.mutation(api.notifications.readAll, {});
    expect(await claim(ended)).toBeNull();
    expect(await states()).toEqual(["delivered", "dropped"]);
  });

  test("is not sent to who has chosen otherwise since, or left", async () => {
    await mailFor(ada, "failed");
    await fail();
    const deliveryId = await only();
    await mailFor(ada);
    expect(await claim(deliveryId)).toBeNull();
    expect(await states()).toEqual(["dropped"]);

    const bob = await member(db, "bob", "admin", "ada");
    ({ runId } = await bob.as.mutation(api.runs.start, { sessionId, message: "next" }));
    await mailFor(bob, "failed");
    await fail();
    const bobs = await only();
    vi.useFakeTimers();
    await db.service.mutation(api.identity.removeMember, external("bob", "ada"));
    expect(await claim(bobs)).toBeNull();
    await settle(db, 5);
    vi.useRealTimers();
    expect((await rows()).filter(({ userId }) => userId === bob.userId)).toEqual([]);
  });

  test("goes with its session, and after its time", async () => {
    await mailFor(ada, "failed");
    await fail();
    vi.useFakeTimers({ now: Date.now() + DELIVERY_LIMITS.keptMs + 60_000 });
    await db.t.mutation(internal.sweeps.spent, {});
    await settle(db, 5);
    vi.useRealTimers();
    expect(await rows()).toEqual([]);
  });
});

describe("a burst", () => {
  /** So many that wait for one person; all of them are looked at. */
  async function burst(count: number): Promise<void> {
    await mailFor(ada, "approval");
    for (let n = 0; n < count; n += 1) await ask(`k${n}`);
  }
  async function sweep(): Promise<NonNullable<Awaited<ReturnType<typeof claim>>>[]> {
    const sent = [];
    for (const { deliveryId } of await due()) {
      const claimed = await claim(deliveryId);
      if (!claimed) continue;
      sent.push(claimed);
      await came(deliveryId, claimed.attempt);
    }
    return sent;
  }
  const most = DELIVERY_LIMITS.perHour.email;

  test("of more than an hour takes is counted in the next e-mail", async () => {
    await burst(most + 5);
    expect(await sweep()).toHaveLength(most);
    now += HOUR_MS / 2;
    expect(await sweep()).toEqual([]);
    now += HOUR_MS / 2;
    expect(await sweep()).toMatchObject([{ more: 4, isOver: false }]);
    expect((await states()).filter((status) => status === "folded")).toHaveLength(4);
    expect(await due(now + 24 * HOUR_MS)).toEqual([]);
  });

  test("counts nobody's but the same person's", async () => {
    await burst(most);
    await sweep();
    await fail();
    const bob = await member(db, "bob", "admin", "ada");
    ({ runId } = await bob.as.mutation(api.runs.start, { sessionId, message: "next" }));
    await mailFor(bob, "failed");
    await fail();
    expect(await sweep()).toMatchObject([{ to: { address: "bob@studio.example" } }]);
  });

  test("that is over by then sends nothing", async () => {
    await burst(most + 2);
    await sweep();
    await fail();
    now += HOUR_MS;
    expect(await sweep()).toEqual([]);
  });

  test("is told of by its count where its first one is over before it gets there", async () => {
    await burst(most + 3);
    await sweep();
    now += HOUR_MS;
    const [first] = await due();
    const claimed = await claim(first!.deliveryId);
    expect(claimed).toMatchObject({ more: 2 });
    await ada.as.mutation(api.approvals.decide, { runId, key: claimed!.key!, decision: "approved" });
    await came(first!.deliveryId, 1, { outcome: "later", error: "away" });
    now += WEBHOOK_RETRIES_MS[0];
    expect(await claim(first!.deliveryId)).toMatchObject({ more: 2, isOver: true, attempt: 2 });
  });
});

describe("a destination", () => {
  test("is told once, whoever else is, of the kinds that it has", async () => {
    await member(db, "bob", "admin", "ada");
    await connect();
    await connect({ dataKey: undefined, kinds: ["budget"] });
    await ask("a");
    const deliveryId = await only();
    const claimed = await claim(deliveryId);
    expect(claimed).toMatchObject({ kind: "approval", to: { channel: "webhook", ciphertext: "c" } });
    expect(claimed?.to).toMatchObject({ dataKey: KEY });
    await ada.as.mutation(api.approvals.decide, { runId, key: "a", decision: "approved" });
    expect(await states()).toEqual(["dropped"]);
  });

  test("of another organization is told nothing, and shown to nobody but its admins", async () => {
    const eve = await member(db, "eve");
    const bob = await member(db, "bob", "member", "ada");
    await eve.by.mutation(api.notificationDestinations.create, { ...DESTINATION, dataKey: KEY });
    const { id } = await connect();
    await ask("a");
    expect((await due()).map(({ organizationId }) => organizationId)).toEqual([ada.organizationId]);
    const refused = { data: { code: "not_found" } };
    const at = { destinationId: id };
    await expect(
      eve.as.mutation(api.notificationDestinations.update, { ...at, enabled: false }),
    ).rejects.toMatchObject(refused);
    await expect(eve.as.mutation(api.notificationDestinations.remove, at)).rejects.toMatchObject(refused);
    await expect(eve.by.query(api.notificationDestinations.forTest, at)).rejects.toMatchObject(refused);
    await expect(bob.as.query(api.notificationDestinations.list, {})).rejects.toMatchObject({
      data: { code: "forbidden" },
    });
    await expect(
      bob.as.mutation(api.notificationDestinations.update, { ...at, kinds: [] }),
    ).rejects.toMatchObject({ data: { code: expect.stringMatching(/forbidden|invalid_request/) } });
    const shown = await destinations();
    expect(shown).toMatchObject([{ id, host: DESTINATION.host }]);
    expect(Object.keys(shown[0]!)).not.toContain("ciphertext");
  });

  test("is one of ten at most", async () => {
    await connect();
    for (let n = 1; n < DELIVERY_LIMITS.destinations; n += 1) await connect({ dataKey: undefined });
    await expect(connect({ dataKey: undefined })).rejects.toMatchObject({
      data: { kind: "destination_limit" },
    });
  });

  async function giveUp(): Promise<void> {
    const { runId: next } = await ada.as.mutation(api.runs.start, { sessionId, message: "again" });
    await fail();
    runId = next;
    const deliveryId = await only();
    await claim(deliveryId);
    await came(deliveryId, 1, { outcome: "never", status: 404, error: "The server returned 404." });
  }

  test("is turned off after failures in succession, says why, and begins again when it is turned on", async () => {
    const { id } = await connect();
    for (let n = 1; n < DELIVERY_LIMITS.failures; n += 1) await giveUp();
    expect(await destinations()).toMatchObject([{ enabled: true, failures: DELIVERY_LIMITS.failures - 1 }]);
    await giveUp();
    expect(await destinations()).toMatchObject([{ enabled: false, offBecause: "The server returned 404." }]);
    const audit = await db.t.run(async (ctx) => await ctx.db.query("auditEntries").order("desc").first());
    expect(audit).toMatchObject({
      action: "notification_destination.turned_off",
      actorKind: "system",
      target: DESTINATION.name,
    });
    await fail();
    expect(await due()).toEqual([]);
    await ada.as.mutation(api.notificationDestinations.update, { destinationId: id, enabled: true });
    expect(await destinations()).toMatchObject([{ enabled: true, offBecause: null, failures: 0 }]);
  });

  test("is turned off at once where nobody is there any more", async () => {
    await connect();
    await fail();
    const deliveryId = await only();
    await claim(deliveryId);
    await came(deliveryId, 1, { outcome: "never", status: 410, error: "The server returned 410." });
    expect(await destinations()).toMatchObject([{ enabled: false }]);
  });

  test("that is removed meanwhile is sent nothing", async () => {
    const { id } = await connect();
    await fail();
    const deliveryId = await only();
    await ada.as.mutation(api.notificationDestinations.remove, { destinationId: id });
    expect(await claim(deliveryId)).toBeNull();
    expect(await states()).toEqual(["dropped"]);
  });
});

test("nothing leaves an organization that is deleted", async () => {
  await connect();
  await mailFor(ada, "failed");
  await fail();
  const waiting: Doc<"notificationDeliveries">["_id"][] = (await due()).map(({ deliveryId }) => deliveryId);
  expect(waiting).toHaveLength(2);
  await db.t.run(async (ctx) => await ctx.db.patch(ada.organizationId, { deletedAt: Date.now() }));
  expect(await Promise.all(waiting.map(async (id) => await claim(id)))).toEqual([null, null]);
  expect(await states()).toEqual(["dropped", "dropped"]);
});
