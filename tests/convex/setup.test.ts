import { expect, test, vi } from "vitest";
import { api, internal } from "#convex/_generated/api.js";
import { eraseStep } from "#convex/model/erase.ts";
import type { Id } from "#convex/_generated/dataModel.js";
import { freshSession, generation, sessionId } from "./ready-session.ts";
import { claim, due, names, ready, setClock, TEMPLATE } from "./setup-world.ts";
import { hashOf, member } from "./support.ts";
import { ada, db } from "./world.ts";

freshSession();
setClock();

const PLACE = { environment: "development", scope: "project" } as const;
const SCRIPT = { script: "npm ci", lockfiles: ["package-lock.json"], requires: [], timeoutSeconds: 60 };
const LOCKFILES = [{ path: "package-lock.json", before: "a", after: "b" }];

const save = async (more: object = {}) =>
  await ada.as.mutation(api.setupScripts.save, { ...PLACE, ...SCRIPT, rebuildHours: null, ...more });
const row = async () => (await ada.as.query(api.setupScripts.list, {}))[0]!;
const unwanted = async () =>
  (await db.service.query(api.due.snapshots, {})).items.map((item) => item.snapshotId);

const failed = async (buildId: Id<"setupBuilds">, again?: { cause: "changed"; delayMs: number }) =>
  await db.service.mutation(api.setupBuilds.finish, {
    buildId,
    result: { status: "failed", error: "no", ...(again && { again }) },
  });
async function built() {
  const work = await claim();
  if (!work) throw new Error("nothing is due");
  await ready(work.buildId, { lockfiles: LOCKFILES });
  return work.buildId;
}
const forSession = async (template = TEMPLATE) =>
  await db.service.mutation(api.sessionSetup.forSession, { sessionId, template });

test("a saved script is built once, by one server, and sessions of its organization begin with it", async () => {
  await save();
  const work = await claim();
  expect(work).toMatchObject({
    scripts: [{ script: "npm ci", folder: null }],
    cause: "changed",
    environment: "development",
  });
  expect(await claim()).toBeNull();
  expect(await row()).toMatchObject({ build: { status: "running" }, preparedAt: null });
  expect(await forSession()).toMatchObject({ scripts: [{ script: "npm ci" }], prepared: null });
  expect(await ready(work!.buildId, { lockfiles: LOCKFILES })).toBe(true);
  expect(await row()).toMatchObject({ build: { status: "ready", error: null }, waiting: false });
  expect((await forSession())?.prepared).toMatchObject({
    snapshotId: `snapshot-${names}`,
    lockfiles: LOCKFILES,
  });
  const eve = await member(db, "eve");
  expect(await eve.as.query(api.setupScripts.list, {})).toEqual([]);
  expect(await eve.as.query(api.setupScripts.output, PLACE)).toBeNull();
  await eve.as.mutation(api.setupScripts.save, { ...PLACE, ...SCRIPT, rebuildHours: null });
  expect((await eve.as.query(api.setupScripts.list, {}))[0]).toMatchObject({ preparedAt: null });
});

test("an end that is told again, as after an answer that was lost, changes nothing", async () => {
  await save();
  const buildId = await built();
  expect(await ready(buildId)).toBe(true);
  expect(await failed(buildId)).toBe(true);
  expect(await unwanted()).toEqual([]);
  expect((await forSession())?.prepared).toMatchObject({ snapshotId: `snapshot-${names}` });
});

test("a changed script lets go of what the one before made, even where its build ends later", async () => {
  await save();
  const first = await built();
  await save({ script: "npm ci --no-audit" });
  expect(await unwanted()).toEqual([`snapshot-${names}`]);
  expect((await forSession())?.prepared).toBeNull();
  await db.service.mutation(api.setupBuilds.removed, { buildId: first });
  expect(await unwanted()).toEqual([]);

  const late = await claim();
  await save({ script: "npm ci --omit=dev" });
  expect(
    await db.service.mutation(api.setupBuilds.progress, { buildId: late!.buildId, text: "x" }),
  ).toMatchObject({ live: false });
  expect(await ready(late!.buildId, { snapshotId: "late" })).toBe(false);
  expect(await unwanted()).toEqual(["late"]);
  expect(await due()).toHaveLength(1);
});

test("a save of what is there already, or of its schedule alone, builds nothing", async () => {
  await save();
  await built();
  const { version } = await row();
  await save();
  await save({ rebuildHours: 24 });
  expect(await row()).toMatchObject({ version, rebuildHours: 24, preparedAt: expect.any(Number) });
  expect(await due()).toEqual([]);
  expect(await due(Date.now() + 24 * 3_600_000)).toHaveLength(1);
  await expect(save({ basedOn: version + 1 })).rejects.toMatchObject({ data: { kind: "setup_changed" } });
});

test("two presses begin one build, and the snapshot before it stays until it is there", async () => {
  await save();
  await built();
  const before = `snapshot-${names}`;
  await ada.as.mutation(api.setupScripts.rebuild, PLACE);
  await ada.as.mutation(api.setupScripts.rebuild, PLACE);
  const work = await claim();
  expect(work).toMatchObject({ cause: "manual" });
  await ada.as.mutation(api.setupScripts.rebuild, PLACE);
  expect(await due()).toEqual([]);
  const entries = await db.t.run(async (ctx) => await ctx.db.query("auditEntries").collect());
  expect(entries.filter(({ action }) => action === "setup.rebuilt")).toHaveLength(1);
  expect((await forSession())?.prepared?.snapshotId).toBe(before);
  await failed(work!.buildId);
  expect((await forSession())?.prepared?.snapshotId).toBe(before);
  // What it may have begun to keep is removed.
  expect(await unwanted()).toEqual([`snapshot-${names}`]);
});

test("a build whose server is gone is taken up by another one, and its key of the project ends", async () => {
  await save();
  const lost = await claim();
  vi.setSystemTime(Date.now() + 61_000);
  const work = await claim();
  expect(work).not.toBeNull();
  expect(await db.service.mutation(api.setupBuilds.progress, { buildId: lost!.buildId })).toMatchObject({
    live: false,
  });
  const keys = async () =>
    (await db.t.run(async (ctx) => await ctx.db.query("apiKeys").collect())).filter(
      ({ name }) => name === "Set-up",
    );
  expect(await keys()).toMatchObject([{ kind: "sync", hash: hashOf(`key-${names}`), scopes: [] }]);
  // It ends by itself, too.
  const key = { keyHash: hashOf(`key-${names}`) };
  expect(await db.t.query(internal.sync.organization, key)).toMatchObject({ environment: "development" });
  vi.setSystemTime(Date.now() + 3_600_000);
  const asked = { ...key, kind: "agent" as const, cursor: null };
  expect(await db.t.query(internal.sync.definitions, asked)).toBeNull();
  await ready(work!.buildId);
  expect(await keys()).toEqual([]);
});

test("a snapshot that is of no use is let go, and built again once, whatever asks for it", async () => {
  await save();
  const buildId = await built();
  for (const cause of ["broken", "stale"] as const)
    await db.service.mutation(api.sessionSetup.spoiled, { buildId, cause, isUsable: false });
  expect((await forSession())?.prepared).toBeNull();
  expect(await row()).toMatchObject({ preparedAt: null, waiting: true });
  const again = await claim();
  expect(again).toMatchObject({ cause: "broken" });
  await ready(again!.buildId);
  // Another template has none, and one is built for it; one that failed is not tried again by each session.
  expect((await forSession("studio@2"))?.prepared).toBeNull();
  const other = await claim();
  expect(other).toMatchObject({ cause: "stale" });
});

test("what only fails around a script is not tried for ever", async () => {
  await save();
  for (let round = 1; round <= 5; round += 1) {
    const work = await claim();
    expect(work, `round ${round}`).not.toBeNull();
    await failed(work!.buildId, { cause: "changed", delayMs: 0 });
  }
  expect(await claim()).toBeNull();
});

test("what a script needs and nobody has set is named; a terminal's own does not count", async () => {
  await save({ requires: ["NPM_TOKEN", "OTHER"] });
  expect((await row()).missing).toEqual(["NPM_TOKEN", "OTHER"]);
  const variable = { description: "", sealed: { ciphertext: "c", version: 1 } };
  await ada.by.mutation(api.variables.save, {
    ...variable,
    name: "NPM_TOKEN",
    environment: null,
    reach: "setup",
    dataKey: { wrapped: "w", kekVersion: 1 },
  });
  await ada.by.mutation(api.variables.save, {
    ...variable,
    name: "OTHER",
    environment: "development",
    reach: "terminals",
  });
  expect((await row()).missing).toEqual(["OTHER"]);
  expect((await forSession())?.scripts[0]?.missing).toEqual(["OTHER"]);
});

test("a removed script ends its build and its snapshot, and one that comes after it begins anew", async () => {
  await save();
  await built();
  await ada.as.mutation(api.setupScripts.rebuild, PLACE);
  const running = await claim();
  await ada.as.mutation(api.setupScripts.remove, PLACE);
  expect(await forSession()).toBeNull();
  await save({ script: "another" });
  expect(await db.service.mutation(api.setupBuilds.progress, { buildId: running!.buildId })).toMatchObject({
    live: false,
  });
  expect(await ready(running!.buildId, { snapshotId: "of the one before" })).toBe(false);
  expect((await forSession())?.prepared).toBeNull();
  expect(await unwanted()).toHaveLength(2);
});

test("a snapshot that nobody begins with for long is let go, and so is its schedule", async () => {
  await save({ rebuildHours: 24 });
  await built();
  const days = async (count: number) => {
    vi.setSystemTime(Date.now() + count * 24 * 3_600_000);
    const work = await claim();
    if (work) await ready(work.buildId);
    await db.t.mutation(internal.sweeps.setup, {});
  };
  await days(20);
  await forSession();
  await days(20);
  expect((await forSession())?.prepared).not.toBeNull();
  await days(31);
  expect((await row()).preparedAt).toBeNull();
  expect(await due(Date.now() + 365 * 24 * 3_600_000)).toEqual([]);
});

test("an organization is not gone before its snapshots are", async () => {
  await save();
  const buildId = await built();
  const erase = async () => {
    let left: string;
    do left = await db.t.run(async (ctx) => await eraseStep(ctx, ada.organizationId));
    while (left === "more");
    return left;
  };
  expect(await erase()).toBe("waiting");
  expect(await unwanted()).toEqual([`snapshot-${names}`]);
  await db.service.mutation(api.setupBuilds.removed, { buildId });
  expect(await erase()).toBe("none");
  expect(await db.t.run(async (ctx) => await ctx.db.query("setupBuilds").collect())).toEqual([]);
});

test("bounds and rights are Convex's own to hold", async () => {
  for (const more of [
    { script: "" },
    { script: "é".repeat(10_001) },
    { lockfiles: ["../x"] },
    { lockfiles: ["a/../../x"] },
    { lockfiles: Array.from({ length: 11 }, (_, i) => `f${i}`) },
    { requires: ["PATH"] },
    { timeoutSeconds: 4_000 },
    { rebuildHours: 0 },
    { scope: "repository" },
  ])
    await expect(save(more), JSON.stringify(more).slice(0, 80)).rejects.toMatchObject({
      data: { code: "invalid_request" },
    });
  const mia = await member(db, "mia", "member", "ada");
  await expect(
    mia.as.mutation(api.setupScripts.save, { ...PLACE, ...SCRIPT, rebuildHours: null }),
  ).rejects.toMatchObject({ data: { code: "forbidden" } });
});

test("a session's output is logged as long as it is being made, under its lease alone", async () => {
  const say = async (of: number) =>
    await db.service.mutation(api.sessionSetup.sessionOutput, { sessionId, generation: of, delta: "d" });
  // It is ready already.
  expect(await say(generation)).toBe(false);
  await expect(say(generation - 1)).rejects.toMatchObject({ data: { code: "lease_lost" } });
});

test("what a build's sandbox is refused is told with it, each host once and not without end", async () => {
  await save();
  const work = await claim();
  const refusedOf = (hosts: readonly string[]) =>
    hosts.map((host) => ({ host, port: 443, reason: "policy" as const }));
  const tell = async (sandboxId: string, hosts: readonly string[]) =>
    await db.service.mutation(api.setupBuilds.refused, {
      refusals: [{ sandboxId, refused: refusedOf(hosts) }],
    });
  await db.service.mutation(api.setupBuilds.progress, { buildId: work!.buildId, sandboxId: "box" });
  await tell("another", ["else.example.com"]);
  await tell("box", ["a.example.com", "a.example.com", "b.example.com", "<b>x</b>", "x".repeat(300)]);
  await ready(work!.buildId);
  // The service may tell of it after its end.
  await tell("box", ["a.example.com", "c.example.com"]);
  expect((await row())?.build?.refused).toEqual(
    refusedOf(["a.example.com", "b.example.com", "c.example.com"]),
  );
  await tell(
    "box",
    Array.from({ length: 100 }, (_, index) => `h${index}.example.com`),
  );
  expect((await row())?.build?.refused).toHaveLength(20);
});

test("a build's sandbox counts as its organization's, and one that may have none waits, with the reason", async () => {
  await db.service.mutation(api.sandboxMeters.setTerms, { vcpuNanoUsd: 0, gbNanoUsd: 0, monthlyHours: 1 });
  await save();
  const work = await claim();
  const progress = { buildId: work!.buildId, sandboxId: "build-box", size: { vcpus: 4, memoryMb: 1_024 } };
  await db.service.mutation(api.setupBuilds.progress, progress);
  await db.service.mutation(api.setupBuilds.progress, progress);
  vi.setSystemTime(Date.now() + 3_600_000);
  const seen = { sandboxId: "build-box", at: Date.now(), ran: true, ended: true };
  await db.service.mutation(api.sandboxMeters.seen, seen);
  expect(await ada.as.query(api.sandboxMeters.month, {})).toMatchObject({ usedMs: 3_600_000, hours: 1 });
  await ready(work!.buildId);

  await save({ script: "npm install" });
  expect(await claim()).toBeNull();
  expect(await row()).toMatchObject({
    build: { status: "failed", error: expect.stringContaining("sandbox hour is used up") as string },
  });
  expect(await due(), "it is tried again in an hour").toEqual([]);
  await ada.as.mutation(api.organizationSettings.set, { sandbox_hours_per_month: 0 });
  vi.setSystemTime(Date.now() + 3_600_000);
  expect(await claim()).not.toBeNull();
});
