import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { defineSchema, defineTable, mutationGeneric, queryGeneric } from "convex/server";
import { v } from "convex/values";
import { expect, test } from "vitest";
import { openEngine } from "#runtime/engine/engine.ts";
import { Store } from "#runtime/storage/sqlite.ts";

/** Indexes that a schema only prepares. */
const rows = { n: v.number(), text: v.string(), at: v.array(v.float64()) };
const schemaWith = (staged: boolean) =>
  defineSchema({
    rows: defineTable(rows)
      .index("by_n", { fields: ["n"], staged: staged as true })
      .searchIndex("by_text", { searchField: "text", staged: staged as true })
      .vectorIndex("by_at", { vectorField: "at", dimensions: 2, staged: staged as true }),
  });
const modules = {
  rows: {
    add: mutationGeneric(async (ctx) => ctx.db.insert("rows", { n: 1, text: "word", at: [1, 0] })),
    byN: queryGeneric(async (ctx) =>
      ctx.db
        .query("rows")
        .withIndex("by_n", (q) => q.eq("n", 1))
        .collect(),
    ),
    byText: queryGeneric(async (ctx) =>
      ctx.db
        .query("rows")
        .withSearchIndex("by_text", (q) => q.search("text", "word"))
        .collect(),
    ),
  },
};

test("a staged index is kept up to date, cannot be queried, and is there at once when it is enabled", async () => {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), "staged-test-"));
  const file = path.join(folder, "data.sqlite");
  const numbers = () => {
    const store = new Store(file);
    const found = store
      .sql("SELECT number, name FROM indexes WHERE name IN ('by_n', 'by_text') ORDER BY 1")
      .all();
    store.close();
    return found;
  };
  const call = (name: string) => ({ path: `rows:${name}`, args: "{}", internal: false });
  const before = openEngine({ schema: schemaWith(true), modules, path: file });
  await before.mutation(call("add"));
  for (const [name, index] of [
    ["byN", "by_n"],
    ["byText", "by_text"],
  ] as const) {
    await expect(before.query(call(name))).rejects.toThrow(
      `Index rows.${index} is currently staged and not available to query until it is enabled.`,
    );
  }
  await before.close();
  const prepared = numbers();
  expect(prepared).toHaveLength(2);
  const after = openEngine({ schema: schemaWith(false), modules, path: file });
  for (const name of ["byN", "byText"]) {
    expect(JSON.parse((await after.query(call(name))).value)).toMatchObject([{ n: 1, text: "word" }]);
  }
  await after.close();
  // The same ones: nothing was filled again.
  expect(numbers()).toEqual(prepared);
  fs.rmSync(folder, { recursive: true });
});
