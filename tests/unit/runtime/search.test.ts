import { defineSchema, defineTable } from "convex/server";
import { v } from "convex/values";
import { expect, test } from "vitest";
import { convexTest } from "#tests/convex-test-adapter.ts";

const schema = defineSchema({
  posts: defineTable({ text: v.string(), author: v.optional(v.string()) }).searchIndex("by_text", {
    searchField: "text",
    filterFields: ["author"],
  }),
});
const modules = { "/app/_generated/api.ts": async () => ({}) };

function blog() {
  const t = convexTest(schema, modules);
  const add = (text: string, author?: string) =>
    t.run(async (ctx) => ctx.db.insert("posts", author === undefined ? { text } : { text, author }));
  const find = (words: string, author?: string) =>
    t.query(async (ctx) => {
      const posts = await ctx.db
        .query("posts")
        .withSearchIndex("by_text", (q) =>
          author === undefined ? q.search("text", words) : q.search("text", words).eq("author", author),
        )
        .collect();
      return posts.map(({ text }) => text);
    });
  return { t, add, find };
}

test("finds words in any case and order, the last one by its beginning, best first", async () => {
  const { add, find } = blog();
  for (const text of ["Red apples", "green apples and red pears", "Blue plums!", "Übergrößen (rot)"])
    await add(text);
  expect(await find("apples RED")).toEqual(["green apples and red pears", "Red apples"]);
  expect(await find("pears red apples")).toEqual(["green apples and red pears", "Red apples"]);
  expect(await find("plu")).toEqual(["Blue plums!"]);
  expect(await find("plu red")).toEqual(["green apples and red pears", "Red apples"]);
  expect(await find("übergr")).toEqual(["Übergrößen (rot)"]);
  expect(await find("nothing")).toEqual([]);
  expect(await find("  ?! ")).toEqual([]);
});

test("filters, also by a field that is not there, and refuses what the index does not have", async () => {
  const { t, add, find } = blog();
  await add("one word", "ada");
  await add("one thing");
  expect(await find("one", "ada")).toEqual(["one word"]);
  const nobody = await t.query(async (ctx) =>
    ctx.db
      .query("posts")
      .withSearchIndex("by_text", (q) => q.search("text", "one").eq("author", undefined))
      .collect(),
  );
  expect(nobody.map(({ text }) => text)).toEqual(["one thing"]);
  const unknown = t.query(async (ctx) =>
    ctx.db
      .query("posts")
      .withSearchIndex("by_nothing" as never, (q) => q.search("text" as never, "one"))
      .collect(),
  );
  await expect(unknown).rejects.toThrow("Search index posts.by_nothing not found");
});

test("follows changes, and undoes those of a failed mutation", async () => {
  const { t, add, find } = blog();
  const id = await add("first words here");
  await t.run(async (ctx) => ctx.db.patch(id, { text: "other words" }));
  expect(await find("first")).toEqual([]);
  expect(await find("other")).toEqual(["other words"]);
  const failing = t.run(async (ctx) => {
    await ctx.db.patch(id, { text: "never kept" });
    throw new Error("undone");
  });
  await expect(failing).rejects.toThrow("undone");
  expect(await find("never")).toEqual([]);
  expect(await find("words")).toEqual(["other words"]);
  await t.run(async (ctx) => ctx.db.delete(id));
  expect(await find("words")).toEqual([]);
});

test("comes in pages", async () => {
  const { t, add } = blog();
  for (let i = 0; i < 5; i++) await add(`page number ${i}`);
  const page = (cursor: string | null) =>
    t.query(async (ctx) =>
      ctx.db
        .query("posts")
        .withSearchIndex("by_text", (q) => q.search("text", "page"))
        .paginate({ cursor, numItems: 3 }),
    );
  const first = await page(null);
  const second = await page(first.continueCursor);
  expect(first.page.map(({ text }) => text)).toEqual(["page number 4", "page number 3", "page number 2"]);
  expect(second.page.map(({ text }) => text)).toEqual(["page number 1", "page number 0"]);
  expect([first.isDone, second.isDone]).toEqual([false, true]);
});

test("follows a change of the field that it filters by", async () => {
  const { t, add, find } = blog();
  const id = await add("one word", "ada");
  await t.run(async (ctx) => ctx.db.patch(id, { author: "bob" }));
  expect(await find("one", "ada")).toEqual([]);
  expect(await find("wor", "bob")).toEqual(["one word"]);
});

test("finds one author's words beside more of others than a search reads", { timeout: 60_000 }, async () => {
  const { t, add, find } = blog();
  await add("common word", "ada");
  for (let batch = 0; batch < 9; batch++)
    await t.run(async (ctx) => {
      for (let i = 0; i < 4_000; i++) await ctx.db.insert("posts", { text: "common word", author: "bob" });
    });
  expect(await find("common", "ada")).toEqual(["common word"]);
});
