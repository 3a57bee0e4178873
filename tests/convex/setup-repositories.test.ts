import { expect, test, vi } from "vitest";
import { api } from "#convex/_generated/api.js";
import type { Id } from "#convex/_generated/dataModel.js";
import { claim, names, ready, setClock, TEMPLATE } from "./setup-world.ts";
import { hashOf, member } from "./support.ts";
import { ada, db, freshWorld } from "./world.ts";

freshWorld();
setClock();

const SCOPE = "house/acme/shop";
const SCRIPT = { lockfiles: ["package-lock.json"], requires: [], timeoutSeconds: 60, rebuildHours: null };

const connect = async (more: object = {}, who = ada) =>
  await who.by.mutation(api.gitConnections.save, {
    slug: "house",
    kind: "git",
    name: "House",
    baseUrl: "https://git.example.com",
    username: "studio",
    repositories: ["acme/*"],
    status: "active",
    sealed: { ciphertext: "sealed", version: 1, last4: "abcd" },
    dataKey: { wrapped: "w", kekVersion: 1 },
    ...more,
  });
const save = async (scope = SCOPE, script = "npm ci", more: object = {}) =>
  await ada.as.mutation(api.setupScripts.save, {
    environment: "development",
    scope,
    script,
    ...SCRIPT,
    ...more,
  });
const rows = async () => await ada.as.query(api.setupScripts.list, {});
const start = async (url?: string, ref = "refs/heads/main") =>
  (
    await ada.by.mutation(api.sandboxSessions.create, {
      environment: "development",
      provider: "demo",
      model: "demo",
      keySource: "platform",
      title: "Fix the login page",
      ...(url !== undefined && {
        repository: { connection: "house", url, base: { ref, commit: "a".repeat(40) }, full: false },
      }),
    })
  ).id as Id<"sandboxSessions">;
const forSession = async (sessionId: Id<"sandboxSessions">) =>
  await db.service.mutation(api.sessionSetup.forSession, { sessionId, template: TEMPLATE });

const ofToken = async (repository = "acme/shop", connection = "house") =>
  await db.service.query(api.sessionRepositories.ofToken, {
    hash: hashOf(`git-${names}`),
    connection,
    repository,
  });

test("a repository's script runs after the project's, and sessions on it begin with what both have made", async () => {
  await connect();
  await save();
  await save("project", "npm install --global tool");
  const before = await claim();
  expect(before?.scripts).toMatchObject([
    { script: "npm install --global tool", folder: null },
    { script: "npm ci", folder: "shop" },
  ]);
  expect(before?.repository).toMatchObject({ connection: "house", repository: "acme/shop" });
  await ready(before!.buildId, { ref: "refs/heads/main" });
  const project = await claim();
  expect(project).toMatchObject({ repository: null, scripts: [{ folder: null }] });
  await ready(project!.buildId);

  const [onMain, onOther, plain] = [
    await start("acme/shop"),
    await start("acme/shop", "refs/heads/other"),
    await start(),
  ];
  expect((await forSession(onMain))?.prepared).toMatchObject({
    buildId: before!.buildId,
    covers: 2,
    isOfBase: true,
  });
  expect((await forSession(onOther))?.prepared).toMatchObject({ covers: 2, isOfBase: false });
  expect((await forSession(plain))?.prepared).toMatchObject({ buildId: project!.buildId, covers: 1 });
});

test("without its own snapshot a repository's session begins with the project's, and one is built", async () => {
  await connect();
  await save("project", "true");
  const project = await claim();
  await ready(project!.buildId);
  await save();
  const mine = await claim();
  await db.service.mutation(api.setupBuilds.finish, {
    buildId: mine!.buildId,
    result: { status: "failed", error: "no" },
  });
  const found = await forSession(await start("acme/shop"));
  expect(found?.scripts).toHaveLength(2);
  expect(found?.prepared).toMatchObject({ buildId: project!.buildId, covers: 1, isOfBase: false });
});

test("a changed or removed script of the project has those of its repositories built again", async () => {
  await connect();
  await save();
  const first = await claim();
  await ready(first!.buildId);
  await save("project", "one");
  const session = await start("acme/shop");
  expect((await forSession(session))?.prepared).toBeNull();
  const again = await claim();
  expect(again).toMatchObject({ cause: "changed", scripts: [{ script: "one" }, { script: "npm ci" }] });
  await ready(again!.buildId);
  await ready((await claim())!.buildId);
  await ada.as.mutation(api.setupScripts.remove, { environment: "development", scope: "project" });
  expect((await forSession(session))?.prepared).toBeNull();
  expect((await claim())?.scripts).toMatchObject([{ script: "npm ci" }]);
});

test("lockfiles that have changed on its branch have a snapshot built again, which is used until then", async () => {
  await connect();
  await save();
  const { buildId } = (await claim())!;
  await ready(buildId, { ref: "refs/heads/main" });
  const session = await start("acme/shop");
  for (const _ of [1, 2])
    await db.service.mutation(api.sessionSetup.spoiled, { buildId, cause: "stale", isUsable: true });
  expect((await forSession(session))?.prepared).toMatchObject({ buildId });
  expect(await claim()).toMatchObject({ cause: "stale" });
  expect(await claim()).toBeNull();
});

test("a build's token fetches its own repository while it is at work, and pushes nothing", async () => {
  await connect();
  await save();
  const { buildId } = (await claim())!;
  expect(await ofToken()).toMatchObject({ sessionId: null, holder: buildId, row: { named: [] } });
  expect((await ofToken("acme/other"))?.row).toBeNull();
  expect((await ofToken("acme/shop", "other"))?.row).toBeNull();
  await ready(buildId);
  expect(await ofToken()).toBeNull();
  const keys = await db.t.run(async (ctx) => await ctx.db.query("apiKeys").collect());
  expect(keys.filter(({ name }) => name === "Set-up")).toEqual([]);

  await ada.as.mutation(api.setupScripts.rebuild, { environment: "development", scope: SCOPE });
  await claim();
  vi.setSystemTime(Date.now() + 60_000 + 5 * 60_000 + 1);
  expect(await ofToken()).toBeNull();
});

test("a project's build has no token for git", async () => {
  await connect();
  await save("project");
  await claim();
  expect(await ofToken()).toBeNull();
});

test("only a repository that a connection is for can have a script, under one name", async () => {
  await connect();
  const refused = async (scope: string, kind: string) =>
    await expect(save(scope), scope).rejects.toMatchObject({ data: { kind } });
  await refused("none", "setup_scope_unknown");
  await refused("/acme/shop", "setup_scope_unknown");
  await refused("other/acme/shop", "git_connection_not_found");
  await refused("house/elsewhere/shop", "git_repository_not_allowed");
  await refused("house/acme/../shop", "git_url_unknown");
  await save(`${SCOPE}.git`);
  await save(SCOPE, "another");
  expect(await rows()).toMatchObject([{ scope: SCOPE, script: "another" }]);
  await connect({ slug: "hub", kind: "github", repositories: ["*"], dataKey: undefined });
  await save("hub/Acme/Shop");
  await save("hub/acme/shop", "one");
  expect((await rows()).filter(({ scope }) => scope.startsWith("hub"))).toMatchObject([
    { scope: "hub/acme/shop", script: "one" },
  ]);
  // The connection of another organization is none here.
  const eve = await member(db, "eve");
  await expect(
    eve.as.mutation(api.setupScripts.save, {
      environment: "development",
      scope: SCOPE,
      script: "true",
      ...SCRIPT,
    }),
  ).rejects.toMatchObject({ data: { kind: "git_connection_not_found" } });
});
