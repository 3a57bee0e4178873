import { componentsGeneric, mutationGeneric, queryGeneric } from "convex/server";
import { v } from "convex/values";
import { afterEach, beforeEach, expect, test } from "vitest";
import { openEngine, type LocalEngine } from "#runtime/engine/engine.ts";

const inner = (name: string) => componentsGeneric()["part"]?.["lib"]?.[name] as never;

const part = {
  lib: {
    put: mutationGeneric({
      args: { table: v.string() },
      handler: async (ctx, { table }) => await ctx.db.insert(table as never, { from: "part" }),
    }),
    putAndFail: mutationGeneric({
      args: { table: v.string() },
      handler: async (ctx, { table }) => {
        await ctx.db.insert(table as never, { from: "part" });
        throw new Error("undone");
      },
    }),
    list: queryGeneric({
      args: { table: v.string() },
      handler: async (ctx, { table }) => (await ctx.db.query(table as never).collect()).length,
    }),
  },
};
const app = {
  lib: {
    put: mutationGeneric({
      args: { table: v.string() },
      handler: async (ctx, { table }): Promise<unknown> =>
        await ctx.runMutation(inner("put"), { table } as never),
    }),
    failThenPut: mutationGeneric({
      args: { table: v.string(), other: v.string() },
      handler: async (ctx, { table, other }) => {
        await ctx.runMutation(inner("putAndFail"), { table } as never).catch(() => undefined);
        await ctx.db.insert(other as never, { from: "app" });
        await ctx.runMutation(inner("put"), { table } as never);
      },
    }),
    count: queryGeneric({
      args: { table: v.string() },
      handler: async (ctx, { table }) => (await ctx.db.query(table as never).collect()).length,
    }),
    countInPart: queryGeneric({
      args: { table: v.string() },
      handler: async (ctx, { table }): Promise<unknown> =>
        await ctx.runQuery(inner("list"), { table } as never),
    }),
    callByName: queryGeneric({
      args: { name: v.string() },
      handler: async (ctx, { name }): Promise<unknown> =>
        await ctx.runQuery(name as never, { table: "notes" } as never),
    }),
  },
};

let engine: LocalEngine;
beforeEach(() => {
  engine = openEngine({
    schema: null,
    modules: app,
    components: { part: { schema: null, modules: part } },
    path: ":memory:",
  });
});
afterEach(async () => await engine.close());

const call = async (kind: "query" | "mutation", name: string, args: object): Promise<unknown> => {
  const { value } = await engine[kind]({ path: `lib:${name}`, args: JSON.stringify(args), internal: false });
  return JSON.parse(value);
};

test("a table that an undone part made is gone, and what comes after it has its own place", async () => {
  await call("mutation", "failThenPut", { table: "fresh", other: "mine" });
  await call("mutation", "put", { table: "later" });
  expect(await call("query", "countInPart", { table: "fresh" })).toBe(1);
  expect(await call("query", "countInPart", { table: "later" })).toBe(1);
  expect(await call("query", "count", { table: "mine" })).toBe(1);
  expect(await call("query", "count", { table: "fresh" })).toBe(0);
});

test("no name leads from the app into a component's tables or functions", async () => {
  await call("mutation", "put", { table: "notes" });
  expect(await call("query", "countInPart", { table: "notes" })).toBe(1);
  expect(await call("query", "count", { table: "part;notes" })).toBe(0);
  await expect(call("query", "callByName", { name: "part;lib:list" })).rejects.toThrow();
});
