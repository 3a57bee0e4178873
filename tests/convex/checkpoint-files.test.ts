import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { api, internal } from "#convex/_generated/api.js";
import type { Id } from "#convex/_generated/dataModel.js";
import { database, type Database, settle } from "./support.ts";

const HOUR_MS = 3600_000;

let db: Database;
beforeEach(() => {
  vi.useFakeTimers();
  db = database();
});
afterEach(() => vi.useRealTimers());

const upload = async (): Promise<Id<"_storage">> =>
  await db.t.run(async (ctx) => await ctx.storage.store(new Blob(["bytes"])));
const keep = async (storedAs: string, storageId: Id<"_storage">) =>
  await db.service.mutation(api.checkpointFiles.keep, { storedAs, file: storageId });
const isThere = async (id: Id<"_storage">) =>
  await db.t.run(async (ctx) => (await ctx.db.system.get(id)) !== null);
const sweep = async () => {
  await db.t.mutation(internal.checkpointFiles.sweep, {});
  await settle(db, 5);
};

test("a name leads to its file, and to the later one where it was uploaded again", async () => {
  const first = await upload();
  await keep("s/one.pack", first);
  await keep("s/one.pack", first);
  expect(await isThere(first)).toBe(true);
  const second = await upload();
  await keep("s/one.pack", second);
  expect(await isThere(first)).toBe(false);
  expect(await db.service.query(api.checkpointFiles.url, { storedAs: "s/one.pack" })).toContain("http");
  await db.service.mutation(api.checkpointFiles.remove, { storedAs: "s/one.pack" });
  await db.service.mutation(api.checkpointFiles.remove, { storedAs: "s/one.pack" });
  expect(await isThere(second)).toBe(false);
  expect(await db.service.query(api.checkpointFiles.url, { storedAs: "s/one.pack" })).toBeNull();
});

test("files that got no name go after two hours, and no others", async () => {
  const named = await upload();
  await keep("s/one.pack", named);
  const left: Id<"_storage">[] = [];
  // More than one step looks at.
  for (let file = 0; file < 120; file += 1) left.push(await upload());
  await sweep();
  expect(await isThere(left[0]!)).toBe(true);
  vi.advanceTimersByTime(3 * HOUR_MS);
  const fresh = await upload();
  await sweep();
  for (const id of left) expect(await isThere(id)).toBe(false);
  expect([await isThere(named), await isThere(fresh)]).toEqual([true, true]);
  // The next one begins where this one ended.
  vi.advanceTimersByTime(3 * HOUR_MS);
  await sweep();
  expect([await isThere(named), await isThere(fresh)]).toEqual([true, false]);
});
