import { expect, test } from "vitest";
import { api } from "#convex/_generated/api.js";
import { MAX_REGISTRIES } from "#domain/registries.ts";
import { hashOf, member, readySession } from "./support.ts";
import { ada, db, freshWorld } from "./world.ts";

freshWorld();

const KEY = { wrapped: "w", kekVersion: 1 };
const fields = {
  slug: "house",
  kind: "npm" as const,
  url: "https://npm.example.com/",
  username: "",
  scopes: ["@acme"],
  status: "active" as const,
};
const sealedAs = (version: number) => ({ ciphertext: `sealed ${version}`, version, last4: "abcd" });
const save = async (more: object = {}, who = ada) =>
  await who.by.mutation(api.registries.save, { ...fields, sealed: sealedAs(1), ...more });
const first = async () => await save({ dataKey: KEY });
const problem = (words: RegExp) => ({
  data: { code: "invalid_request", message: expect.stringMatching(words) },
});

test("a registry's credential stays where it was entered for, and is in nothing that members read", async () => {
  await first();
  for (const elsewhere of [
    { url: "https://evil.example/" },
    { username: "other" },
    { kind: "pypi", scopes: [] },
  ])
    await expect(save({ sealed: undefined, ...elsewhere })).rejects.toMatchObject(problem(/token/));
  await save({ sealed: undefined, scopes: ["@acme", "@shop"] });
  const { organizationId } = ada;
  const found = await db.service.query(api.registries.sealed, { organizationId, slug: "house" });
  expect(found).toMatchObject({ ciphertext: "sealed 1", version: 1, scopes: ["@acme", "@shop"] });
  const mia = await member(db, "mia", "viewer", "ada");
  const listed = await mia.as.query(api.registries.list, {});
  const entries = await db.t.run(async (ctx) => await ctx.db.query("auditEntries").collect());
  expect(entries.map(({ action }) => action).filter((action) => action.startsWith("registry."))).toEqual([
    "registry.added",
    "registry.changed",
  ]);
  expect(JSON.stringify([listed, entries])).not.toContain("sealed 1");
  const eve = await member(db, "eve");
  expect(await eve.as.query(api.registries.list, {})).toEqual([]);
});

test("each package comes from one registry, and of two saves at the same moment one is refused", async () => {
  await first();
  await save({ sealed: sealedAs(2) });
  await expect(save({ sealed: sealedAs(2) })).rejects.toMatchObject(problem(/same moment/));
  await expect(save({ slug: "other" })).rejects.toMatchObject(problem(/@acme already comes from “house”/));
  await save({ slug: "all", scopes: [] });
  await expect(save({ slug: "other", scopes: [] })).rejects.toMatchObject(problem(/come from “all”/));
  await save({ slug: "python", kind: "pypi", scopes: [] });
  await expect(save({ slug: "other", kind: "pypi", scopes: [] })).rejects.toMatchObject(
    problem(/come from “python”/),
  );
  await expect(save({ slug: "other", kind: "pypi" })).rejects.toMatchObject(
    problem(/only a registry for npm/),
  );
  for (const scopes of [["acme"], ["@acme/x"], ["@"], ["@x\nregistry=http://evil.example/"]])
    await expect(save({ slug: "other", scopes })).rejects.toMatchObject(problem(/scope/));
  for (let index = 3; index < MAX_REGISTRIES; index += 1)
    await save({ slug: `r${index}`, scopes: [`@r${index}`] });
  await expect(save({ slug: "one-more", scopes: ["@more"] })).rejects.toMatchObject(problem(/Remove one/));
});

test("a sandbox's key opens its organization's registries, as long as the session and its person are there", async () => {
  const { sessionId, generation } = await readySession(db, ada);
  const hash = hashOf("token");
  const stored = { hash, last4: "wxyz" };
  await db.service.mutation(api.apiKeys.createForSandbox, {
    sessionId,
    generation,
    keys: [{ kind: "sync", ...stored }],
  });
  const holder = async () => await db.service.query(api.registries.ofToken, { hash });
  expect(await holder()).toEqual({ organizationId: ada.organizationId, sandbox: sessionId });
  const [membership] = await db.t.run(async (ctx) => await ctx.db.query("members").collect());
  await db.t.run(async (ctx) => await ctx.db.patch(membership!._id, { role: "viewer" }));
  expect(await holder()).toBeNull();
  await db.t.run(async (ctx) => await ctx.db.patch(membership!._id, { role: "admin" }));
  await db.t.run(async (ctx) => await ctx.db.patch(sessionId, { status: "stopped" }));
  expect(await holder()).toBeNull();
  // A key of the same session for something else opens none.
  expect(await db.service.query(api.registries.ofToken, { hash: hashOf("another") })).toBeNull();
});
