import { actionGeneric, defineSchema, defineTable, mutationGeneric } from "convex/server";
import { convexToJson, v, type Value } from "convex/values";
import { afterEach, beforeEach, expect, test } from "vitest";
import { openEngine, type LocalEngine } from "#runtime/engine/engine.ts";

const schema = defineSchema({
  notes: defineTable({
    name: v.string(),
    about: v.optional(v.object({ kind: v.string() })),
    vector: v.optional(v.array(v.float64())),
  })
    .vectorIndex("by_first", { vectorField: "vector", dimensions: 3 })
    .vectorIndex("by_vector", { vectorField: "vector", dimensions: 3, filterFields: ["name", "about.kind"] }),
});
type Filter = { name?: string[]; kind?: string; body?: string };

const add = mutationGeneric({
  args: v.any(),
  handler: async (ctx, note: object) => await ctx.db.insert("notes", note as never),
});
const patch = mutationGeneric({
  handler: async (ctx, { id, vector }: { id: string; vector: number[] }) =>
    await ctx.db.patch(id as never, { vector } as never),
});
const remove = mutationGeneric({
  handler: async (ctx, { id }: { id: string }) => await ctx.db.delete(id as never),
});
const searchFirst = actionGeneric({
  handler: async (ctx, { vector }: { vector: number[] }) =>
    await ctx.vectorSearch("notes", "by_first" as never, { vector }),
});
const search = actionGeneric({
  handler: async (ctx, { vector, limit, filter }: { vector: number[]; limit?: number; filter?: Filter }) =>
    await ctx.vectorSearch("notes", "by_vector" as never, {
      vector,
      ...(limit !== undefined && { limit }),
      ...(filter && {
        filter: ((q: { eq(field: string, value: unknown): never; or(...parts: never[]): never }) => {
          if (filter.body) return q.eq("body", filter.body);
          if (filter.kind) return q.eq("about.kind", filter.kind);
          return q.or(...(filter.name ?? []).map((name) => q.eq("name", name)));
        }) as never,
      }),
    }),
});

let engine: LocalEngine;
beforeEach(() => {
  engine = openEngine({
    schema,
    modules: { notes: { add, patch, remove, search, searchFirst } },
    path: ":memory:",
  });
});
afterEach(async () => await engine.close());

const call = async <T>(kind: "mutation" | "action", name: string, args: object): Promise<T> => {
  const { value } = await engine[kind]({
    path: `notes:${name}`,
    args: JSON.stringify(convexToJson(args as Value)),
    internal: false,
  });
  return JSON.parse(value) as T;
};
const insert = async (name: string, vector?: number[], kind?: string) =>
  await call<string>("mutation", "add", {
    name,
    ...(vector && { vector }),
    ...(kind && { about: { kind } }),
  });
const near = async (vector: number[], more: object = {}) =>
  await call<{ _id: string; _score: number }[]>("action", "search", { vector, ...more });

test("the nearest come first, by the angle between them", async () => {
  const far = await insert("far", [0, 0, 5]);
  const same = await insert("same", [4, 0, 0]);
  const close = await insert("close", [3, 4, 0]);
  await insert("none");
  await insert("short", [1]);
  const found = await near([1, 0, 0]);
  expect(found.map(({ _id }) => _id)).toEqual([same, close, far]);
  expect(found.map(({ _score }) => Number(_score.toFixed(3)))).toEqual([1, 0.6, 0]);
  expect(await near([1, 0, 0], { limit: 1 })).toHaveLength(1);
});

test("what changes after a search is found as it is now", async () => {
  const a = await insert("a", [1, 0, 0]);
  expect(await near([0, 1, 0])).toMatchObject([{ _id: a, _score: 0 }]);
  const b = await insert("b", [0, 1, 0]);
  expect((await near([0, 1, 0]))[0]?._id).toBe(b);
  await call("mutation", "patch", { id: a, vector: [0, 2, 1] });
  await call("mutation", "remove", { id: b });
  expect((await near([0, 2, 1])).map(({ _id, _score }) => [_id, Math.round(_score)])).toEqual([[a, 1]]);
});

test("a second index of a table, read later, does not hide from the first what was written in between", async () => {
  const a = await insert("a", [1, 0, 0]);
  expect(await near([1, 0, 0])).toHaveLength(1);
  const b = await insert("b", [1, 0, 0]);
  await call("mutation", "remove", { id: a });
  expect(await call("action", "searchFirst", { vector: [1, 0, 0] })).toHaveLength(1);
  expect((await near([1, 0, 0])).map(({ _id }) => _id)).toEqual([b]);
});

test("a vector with a number that is none spoils no other's place", async () => {
  const ids: string[] = [];
  for (const x of [0.1, Infinity, 0.9, 0.5])
    ids.push(await insert("n", [x, Math.sqrt(1 - Math.min(1, x * x)), 0]));
  expect((await near([1, 0, 0])).map(({ _id }) => ids.indexOf(_id))).toEqual([2, 3, 0]);
});

test("it is filtered by declared fields alone", async () => {
  const a = await insert("a", [1, 0, 0], "x");
  const b = await insert("b", [1, 0, 0], "y");
  await insert("c", [1, 0, 0]);
  const ids = async (filter: Filter) => (await near([1, 0, 0], { filter })).map(({ _id }) => _id).toSorted();
  expect(await ids({ name: ["a", "b"] })).toEqual([a, b].toSorted());
  expect(await ids({ kind: "y" })).toEqual([b]);
  await expect(ids({ body: "z" })).rejects.toThrow('does not declare "body" as a filter field');
});

test.each([
  [{ vector: [1, 0] }, "expects 3 dimensions, got 2"],
  [{ vector: [1, 0, 0], limit: 257 }, "between 1 and 256"],
  [{ vector: [1, 0, 0], limit: 0 }, "between 1 and 256"],
])("%o is refused", async (args, words) => {
  await expect(call("action", "search", args)).rejects.toThrow(words);
});
