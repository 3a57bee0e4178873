import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { api } from "#convex/_generated/api.js";
import type { Id } from "#convex/_generated/dataModel.js";
import { DEADLINES } from "#domain/lifecycle.ts";
import { type Database, database, member, type Member } from "./support.ts";

const KIND = "studio 1";
let db: Database;
let ada: Member;
beforeEach(async () => {
  vi.useFakeTimers({ toFake: ["Date"] });
  db = database();
  ada = await member(db, "ada");
});
afterEach(() => void vi.useRealTimers());

/** A session that is being created, and the lease that the test has of it. */
async function created(by: Member = ada) {
  vi.setSystemTime(Date.now() + 1);
  const made = await by.by.mutation(api.sandboxSessions.create, {
    environment: "development",
    provider: "demo",
    model: "demo",
    keySource: "platform",
    title: "New session",
  });
  const sessionId = made.id as Id<"sandboxSessions">;
  const generation = (await db.service.mutation(api.sessionLeases.claim, { sessionId, holder: "test" })) ?? 0;
  return { sessionId, generation };
}

const admit = async (
  session: Awaited<ReturnType<typeof created>>,
  limit: number | null,
  kind: string | null = KIND,
) => await db.service.mutation(api.warmSandboxes.admit, { ...session, limit, kind });
const plan = async (wanted: number, limit: number | null = null, kind = KIND) =>
  await db.service.mutation(api.warmSandboxes.plan, { kind, wanted, limit, mayStart: true });
const until = () => Date.now() + 600_000;

async function warm(sandboxId: string, kind = KIND): Promise<string> {
  const { start } = await plan(8, null, kind);
  if (start === null) throw new Error("none is to be started");
  await db.service.mutation(api.warmSandboxes.attach, { warmId: start, sandboxId });
  await db.service.mutation(api.warmSandboxes.ready, { warmId: start, bridge: 7, until: until() });
  return start;
}

test("a warm sandbox is claimed once, by the session that it then belongs to", async () => {
  await warm("w1");
  const [first, second] = [await created(), await created(await member(db, "bob"))];
  const claims = await Promise.all([admit(first, null), admit(second, null)]);
  expect(claims.map((one) => one.warm).filter((one) => one !== null)).toEqual([
    { sandboxId: "w1", bridge: 7 },
  ]);
  const winner = claims[0].warm ? first : second;
  const { session } = await db.service.query(api.sandboxSessions.forServer, { sessionId: winner.sessionId });
  expect(session.sandboxId).toBe("w1");
  expect(await db.service.query(api.warmSandboxes.waiting, {})).toEqual([]);
  expect(await db.service.query(api.warmSandboxes.sessionsOf, { sandboxIds: ["w1", "w2"] })).toEqual([
    { sandboxId: "w1", sessionId: winner.sessionId },
  ]);
  // Asked again, as by a server that has not heard the answer: it has one, and gets no other.
  await warm("w2");
  expect((await admit(winner, null)).warm).toBeNull();
});

test("one of another version, one that is old, and one that is not wanted are claimed by nobody", async () => {
  await warm("other", "studio 0");
  expect((await admit(await created(), null)).warm).toBeNull();
  expect((await admit(await created(), null, null)).warm).toBeNull();
  const { end } = await plan(1);
  expect(end).toMatchObject([{ sandboxId: "other" }]);
  await db.service.mutation(api.warmSandboxes.ended, { warmId: end[0]?.warmId ?? "" });
  await warm("old");
  vi.setSystemTime(until());
  expect((await admit(await created(), null)).warm).toBeNull();
  expect((await plan(1)).end).toMatchObject([{ sandboxId: "old" }]);
});

test("what a server leaves half-done is ended, and is no orphan until then", async () => {
  const { start } = await plan(1);
  await db.service.mutation(api.warmSandboxes.attach, { warmId: start ?? "", sandboxId: "half" });
  const orphans = async () =>
    await db.service.query(api.warmSandboxes.orphans, { sandboxIds: ["half", "none"] });
  expect(await plan(1)).toEqual({ start: null, end: [] });
  expect(await orphans()).toEqual(["none"]);
  vi.setSystemTime(Date.now() + 600_000);
  expect((await plan(1)).end).toEqual([{ warmId: start, sandboxId: "half" }]);
  // Its start comes back late.
  const late = { warmId: start ?? "", bridge: 1, until: until() };
  expect(await db.service.mutation(api.warmSandboxes.ready, late)).toBe(false);
  await db.service.mutation(api.warmSandboxes.ended, { warmId: start ?? "" });
  expect(await orphans()).toEqual(["half", "none"]);
  // With none wanted, all are ended, and none is started.
  await warm("w");
  expect(await plan(0)).toMatchObject({ start: null, end: [{ sandboxId: "w" }] });
});

test("SPEC: where the machine is full, a session waits with its place, and gets its room once another has ended", async () => {
  const [one, two, three] = [await created(), await created(), await created()];
  const bob = await created(await member(db, "bob"));
  expect((await admit(one, 1)).place).toBeNull();
  expect([await admit(two, 1), await admit(three, 1)]).toMatchObject([{ place: 1 }, { place: 2 }]);
  // Who has none yet comes before an organization that has some.
  expect((await admit(bob, 1)).place).toBe(1);
  expect((await admit(three, 1)).place).toBe(3);
  const seen = await ada.as.query(api.sandboxSessions.get, { sessionId: three.sessionId });
  expect(seen).toMatchObject({ status: "provisioning", waitingFor: "capacity", queuePlace: 3 });
  const log = await ada.as.query(api.events.list, { sessionId: three.sessionId, after: 0, limit: 50 });
  expect(JSON.parse(log.events.at(-1)?.payload ?? "")).toMatchObject({
    waiting_for: "capacity",
    queue_place: 3,
  });
  // While anybody waits none is kept warm.
  expect(await plan(2, 5)).toEqual({ start: null, end: [] });

  await db.service.mutation(api.sandboxSessions.attachSandbox, { ...one, sandboxId: "s1" });
  await ada.as.mutation(api.sandboxSessions.stop, { sessionId: one.sessionId });
  expect((await admit(bob, 1)).place, "the sandbox still takes its memory").toBe(1);
  await db.service.mutation(api.sandboxSessions.cleanedUp, { sessionId: one.sessionId });
  expect((await admit(bob, 1)).place, "nobody has room now, and another came first").toBe(2);
  expect((await admit(two, 1)).place).toBeNull();
  const { session } = await db.service.query(api.sandboxSessions.forServer, { sessionId: two.sessionId });
  expect(session.deadlineAt).toBe(Date.now() + DEADLINES.provisioningMs);

  // Who is stopped while it waits gives its place back at once.
  expect((await admit(three, 1)).place).toBe(2);
  await (await member(db, "bob")).as.mutation(api.sandboxSessions.stop, { sessionId: bob.sessionId });
  expect(await admit(bob, 1)).toMatchObject({ live: false });
  expect((await admit(three, 1)).place).toBe(1);
  expect((await admit(three, 2)).place, "the operator gives it more room").toBeNull();
});

test("a wait for room ends by itself, and says why", async () => {
  const [one, two] = [await created(), await created()];
  await admit(one, 1);
  await admit(two, 1);
  vi.setSystemTime(Date.now() + DEADLINES.queueMs - 1);
  await admit(two, 1);
  await db.service.mutation(api.sandboxSessions.expire, { sessionId: two.sessionId });
  expect(await ada.as.query(api.sandboxSessions.get, { sessionId: two.sessionId })).toMatchObject({
    status: "provisioning",
  });
  vi.setSystemTime(Date.now() + 1);
  await db.service.mutation(api.sandboxSessions.expire, { sessionId: two.sessionId });
  expect(await ada.as.query(api.sandboxSessions.get, { sessionId: two.sessionId })).toMatchObject({
    status: "error",
    queuePlace: null,
    errorMessage: "There was no room for a sandbox within 10 minutes. Stop a session, or try again later.",
  });
});

test("warm sandboxes give way to live ones, and one that is ready is used", async () => {
  await warm("w1");
  await warm("w2");
  const [one, two, three] = [await created(), await created(), await created()];
  expect(await admit(one, 3)).toMatchObject({ place: null, warm: { sandboxId: "w1" } });
  expect(await admit(two, 3)).toMatchObject({ place: null, warm: { sandboxId: "w2" } });
  await warm("w3");
  // Without a claim there is room for three live ones alone.
  expect(await admit(three, 3, null)).toMatchObject({ place: null, warm: null });
  expect(await plan(2, 3)).toMatchObject({ start: null, end: [{ sandboxId: "w3" }] });
});

test("a session that takes a warm sandbox is logged with the policy that was brought to it", async () => {
  await warm("w1");
  const session = await created();
  await admit(session, null);
  const { network } = await db.service.query(api.sandboxSessions.forServer, { sessionId: session.sessionId });
  const attached = { ...session, sandboxId: "w1", network };
  await db.service.mutation(api.sandboxSessions.attachSandbox, attached);
  await db.service.mutation(api.sandboxSessions.attachSandbox, attached);
  const { events } = await ada.as.query(api.events.list, {
    sessionId: session.sessionId,
    after: 0,
    limit: 50,
  });
  expect(events.filter(({ type }) => type === "network.applied")).toHaveLength(1);
});

describe("a sandbox service that refuses one more sandbox", () => {
  const refuse = async (session: Awaited<ReturnType<typeof created>>) =>
    await db.service.mutation(api.warmSandboxes.refusedByService, session);
  const later = (ms: number) => vi.setSystemTime(Date.now() + ms);
  const attach = async (session: Awaited<ReturnType<typeof created>>, sandboxId: string) =>
    await db.service.mutation(api.sandboxSessions.attachSandbox, { ...session, sandboxId });

  test("SPEC: has sessions wait in the same queue, with their places, and is asked again by one at a time", async () => {
    const [one, two, three] = [await created(), await created(), await created()];
    for (const each of [one, two]) expect((await admit(each, null)).place).toBeNull();
    await refuse(one);
    later(1);
    await refuse(two);
    const seen = async ({ sessionId }: typeof one) =>
      await ada.as.query(api.sandboxSessions.get, { sessionId });
    expect(await seen(one)).toMatchObject({ waitingFor: "capacity", queuePlace: 1 });
    expect(await seen(two)).toMatchObject({ waitingFor: "capacity", queuePlace: 2 });
    // Who comes later does not overtake them, although nothing bounds sandboxes here.
    expect((await admit(three, null)).place).toBe(3);
    expect((await admit(one, null)).place, "it has refused two, so it is not asked for 10 s").toBe(1);
    later(9_999);
    expect((await admit(one, null)).place).toBe(1);
    later(1);
    expect((await admit(two, null)).place, "it is not its turn").toBe(2);
    expect((await admit(one, null)).place).toBeNull();
    expect((await admit(two, null)).place, "a second apart").toBe(1);
    await attach(one, "s1");
    later(1_000);
    expect((await admit(two, null)).place).toBeNull();
    // It has created one since: the pause is short again.
    await refuse(two);
    later(5_000);
    expect((await admit(two, null)).place).toBeNull();
    await attach(two, "s2");
    later(1_000);
    expect((await admit(three, null)).place).toBeNull();
    await attach(three, "s3");
    expect((await admit(await created(), null)).place, "nobody waits any more").toBeNull();
  });

  test("is asked less and less often, and a session waits no longer than for room", async () => {
    const one = await created();
    await admit(one, null);
    const begun = Date.now();
    let tries = 0;
    for (; Date.now() - begun < DEADLINES.queueMs; later(500)) {
      if ((await admit(one, null)).place !== null) continue;
      tries += 1;
      await refuse(one);
    }
    expect(tries).toBeGreaterThan(5);
    expect(tries).toBeLessThan(20);
    await db.service.mutation(api.sandboxSessions.expire, { sessionId: one.sessionId });
    expect(await ada.as.query(api.sandboxSessions.get, { sessionId: one.sessionId })).toMatchObject({
      status: "error",
      errorMessage: expect.stringContaining("There was no room for a sandbox") as string,
    });
  });

  test("frees the room that a session had, and one that has ended waits for nothing", async () => {
    const [one, two] = [await created(), await created()];
    expect((await admit(one, 1)).place).toBeNull();
    await refuse(one);
    expect((await admit(two, 1)).place).toBe(2);
    await ada.as.mutation(api.sandboxSessions.stop, { sessionId: one.sessionId });
    await refuse(one);
    later(5_000);
    expect((await admit(two, 1)).place).toBeNull();
    await expect(refuse({ ...two, generation: two.generation + 1 })).rejects.toMatchObject({
      data: { code: "lease_lost" },
    });
  });
});
