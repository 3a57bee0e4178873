import { beforeEach, expect, test } from "vitest";
import { api } from "#convex/_generated/api.js";
import type { Id } from "#convex/_generated/dataModel.js";
import { member, readySession } from "./support.ts";
import { PURSUIT, repositoryIn } from "./things.ts";
import { ada, db, freshWorld } from "./world.ts";

freshWorld();

const fields = {
  slug: "house",
  kind: "github" as const,
  name: "House",
  baseUrl: "https://github.com",
  apiUrl: "https://api.github.com",
  username: "x-access-token",
  repositories: ["acme/*"],
  status: "active" as const,
};
const save = async (more: object = {}, who = ada) =>
  await who.by.mutation(api.gitConnections.save, {
    ...fields,
    sealed: { ciphertext: "sealed", version: 1, last4: "abcd" },
    dataKey: { wrapped: "w", kekVersion: 1 },
    ...more,
  });
const make = async (version: number, slug = "house") =>
  await ada.by.mutation(api.gitHooks.make, { slug, ciphertext: `hook ${version}`, version });
const sealed = async (connectionId: string) => await db.service.query(api.gitHooks.sealed, { connectionId });

let connectionId: Id<"gitConnections">;
beforeEach(async () => {
  await save();
  connectionId = await make(1);
});

test("a secret is made again, survives a change of the connection, and ends with it", async () => {
  expect(await sealed(connectionId)).toMatchObject({ slug: "house", kind: "github", ciphertext: "hook 1" });
  await expect(make(1)).rejects.toMatchObject({ data: { kind: "git_connection_race" } });
  expect(await make(2)).toBe(connectionId);
  await save({ sealed: undefined, dataKey: undefined, repositories: ["acme/shop"] });
  expect(await sealed(connectionId)).toMatchObject({ ciphertext: "hook 2" });
  const [listed] = await ada.as.query(api.gitConnections.list, {});
  expect(listed?.hook?.id).toBe(connectionId);
  const entries = await db.t.run(async (ctx) => await ctx.db.query("auditEntries").collect());
  expect(JSON.stringify([listed, entries])).not.toContain("hook 2");
  // Another kind of host signs in another way.
  await save({ kind: "gitea", sealed: { ciphertext: "s", version: 2, last4: "" }, dataKey: undefined });
  expect(await sealed(connectionId)).toBeNull();
  await make(1);
  await ada.as.mutation(api.gitHooks.remove, { slug: "house" });
  expect(await sealed(connectionId)).toBeNull();
  await make(1);
  await ada.as.mutation(api.gitConnections.remove, { slug: "house" });
  for (const id of [connectionId, "none", ada.organizationId]) expect(await sealed(id)).toBeNull();
  await save({ slug: "plain", kind: "git", dataKey: { wrapped: "w", kekVersion: 1 } });
  await expect(make(1, "plain")).rejects.toMatchObject({ data: { kind: "git_no_webhooks" } });
});

test("a delivery counts once, and finds the pull requests that it names, of its own connection", async () => {
  const { sessionId } = await readySession(db, ada);
  const of = { organizationId: ada.organizationId, sessionId };
  const later = Date.now() + 60_000;
  await db.t.run(async (ctx) => {
    for (const folder of ["shop", "tools"])
      await ctx.db.insert("sessionRepositories", {
        ...of,
        ...repositoryIn(folder),
        branch: `studio/${folder}`,
      });
    const pursuit = { ...of, ...PURSUIT, userId: ada.userId, dueAt: later };
    await ctx.db.insert("greenPursuits", { ...pursuit, folder: "shop" });
    await ctx.db.insert("greenPursuits", { ...pursuit, folder: "tools" });
  });
  const take = async (keys: string[], more: object) =>
    await db.service.mutation(api.gitHooks.take, {
      connectionId,
      keys,
      repository: "acme/shop",
      numbers: [],
      branches: [],
      ...more,
    });
  const due = async () =>
    (await db.t.run(async (ctx) => await ctx.db.query("greenPursuits").collect()))
      .filter(({ dueAt }) => dueAt < later)
      .map(({ folder }) => folder);
  expect(await take(["id:1", "sha256:a"], { numbers: [8], branches: ["main"] })).toEqual([]);
  expect(await due()).toEqual([]);
  // By its number; GitHub's names fold capitals.
  expect(await take(["id:2", "sha256:b"], { repository: "Acme/Shop", numbers: [7] })).toMatchObject([
    { sessionId, folder: "shop", pullRequest: { number: 7 } },
  ]);
  expect(await due()).toEqual(["shop"]);
  expect(await take(["id:2", "sha256:c"], { numbers: [7] })).toBeNull();
  expect(await take(["id:3", "sha256:b"], { numbers: [7] })).toBeNull();
  expect(await take(["id:4"], { repository: "acme/tools", branches: ["studio/tools"] })).toMatchObject([
    { folder: "tools" },
  ]);
  expect(await due()).toEqual(["shop", "tools"]);
  // However many requests of other repositories have the same number.
  await db.t.run(async (ctx) => {
    for (let i = 0; i < 40; i += 1) {
      const other = { ...repositoryIn(`other${i}`), repository: `acme/other${i}` };
      await ctx.db.insert("sessionRepositories", { ...of, ...other, branch: `studio/other${i}` });
    }
  });
  expect(await take(["id:5"], { numbers: [7] })).toMatchObject([{ folder: "shop" }]);
  // Another organization's connection of the same name finds nothing of this one.
  const eve = await member(db, "eve");
  await save({}, eve);
  const evil = await eve.by.mutation(api.gitHooks.make, { slug: "house", ciphertext: "h", version: 1 });
  const given = { keys: ["id:9"], repository: "acme/shop", numbers: [7], branches: ["studio/shop"] };
  expect(await db.service.mutation(api.gitHooks.take, { ...given, connectionId: evil })).toEqual([]);
  // What is old is forgotten.
  await db.t.run(async (ctx) => {
    for (const row of await ctx.db.query("gitDeliveries").collect())
      await ctx.db.patch(row._id, { takenAt: 1 });
  });
  await take(["id:10"], {});
  const left = await db.t.run(async (ctx) => await ctx.db.query("gitDeliveries").collect());
  expect(left.map(({ key }) => key).toSorted()).toEqual(["id:10", "id:9"]);
});
