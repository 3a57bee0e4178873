import { convexTest as reference } from "convex-test";
import {
  actionGeneric,
  defineSchema,
  defineTable,
  httpActionGeneric,
  httpRouter,
  makeFunctionReference,
  mutationGeneric,
  queryGeneric,
} from "convex/server";
import { ConvexError, v } from "convex/values";
import { afterEach, describe, expect, test, vi } from "vitest";
import { convexTest as embedded } from "#tests/convex-test-adapter.ts";

/** The same expectations of `convex-test` and of the embedded engine behind the same interface. */
const schema = defineSchema({
  notes: defineTable({ text: v.string(), rank: v.optional(v.number()) }).index("by_rank", ["rank"]),
});
const add = makeFunctionReference<"mutation", { text: string }, string>("notes:add");
const addTwice = makeFunctionReference<"mutation", { text: string }>("notes:addTwice");
const later = makeFunctionReference<"mutation", { text: string; delayMs: number }>("notes:later");
const texts = makeFunctionReference<"query", Record<string, never>, string[]>("notes:texts");
const relay = makeFunctionReference<"action", { text: string }, string[]>("notes:relay");
const slow = makeFunctionReference<"action", Record<string, never>, string[]>("notes:slow");
const whoami = makeFunctionReference<"query", Record<string, never>, string | null>("notes:whoami");

const notes = {
  add: mutationGeneric({
    args: { text: v.string() },
    handler: async (ctx, { text }) => {
      const id = await ctx.db.insert("notes", { text });
      if (text === "refused") throw new ConvexError({ why: "refused" });
      return id;
    },
  }),
  addTwice: mutationGeneric(async (ctx, { text }: { text: string }) => {
    await ctx.runMutation(add, { text });
    await ctx.runMutation(add, { text: "refused" }).catch(() => undefined);
    await ctx.runMutation(add, { text: `${text} again` });
  }),
  later: mutationGeneric(async (ctx, { text, delayMs }: { text: string; delayMs: number }) => {
    await ctx.scheduler.runAfter(delayMs, add, { text });
  }),
  texts: queryGeneric(async (ctx) =>
    (await ctx.db.query("notes").collect()).map((note) => note["text"] as string),
  ),
  relay: actionGeneric(async (ctx, { text }: { text: string }): Promise<string[]> => {
    const file = await ctx.storage.store(new Blob([text]));
    const stored = await ctx.storage.get(file);
    await ctx.runMutation(add, { text: (await stored?.text()) ?? "lost" });
    return ctx.runQuery(texts, {});
  }),
  slow: actionGeneric(async (ctx) => {
    for (const text of ["one", "two"]) await ctx.runMutation(add, { text });
    await new Promise((resolve) => setTimeout(resolve, 30_000));
    return ctx.runQuery(texts, {});
  }),
  whoami: queryGeneric(async (ctx) => (await ctx.auth.getUserIdentity())?.name ?? null),
};
const http = httpRouter();
http.route({
  pathPrefix: "/echo/",
  method: "POST",
  handler: httpActionGeneric(async (_ctx, request) => new Response(await request.text(), { status: 201 })),
});
const modules = {
  "/app/_generated/api.ts": async () => ({}),
  "/app/notes.ts": async () => notes,
  "/app/http.ts": async () => ({ default: http }),
  "/app/notes.test.ts": async () => ({ add: notes.add }),
};
const addOfTest = makeFunctionReference<"mutation", { text: string }, string>("notes.test:add");

describe.each([
  ["convex-test", reference],
  ["the embedded engine", embedded],
] as const)("%s", (_name, convexTest) => {
  afterEach(() => {
    vi.useRealTimers();
  });

  test("runs queries, mutations and actions, by reference and inline", async () => {
    const t = convexTest(schema, modules);
    await t.mutation(add, { text: "one" });
    await t.run(async (ctx) => ctx.db.insert("notes", { text: "two", rank: 2 }));
    expect(await t.action(relay, { text: "three" })).toEqual(["one", "two", "three"]);
    const ranked = await t.query(async (ctx) =>
      ctx.db
        .query("notes")
        .withIndex("by_rank", (q) => q.gt("rank", 1))
        .unique(),
    );
    expect(ranked?.text).toBe("two");
  });

  test("undoes what fails, nested or not, and hands its data over", async () => {
    const t = convexTest(schema, modules);
    await expect(t.mutation(add, { text: "refused" })).rejects.toMatchObject({ data: { why: "refused" } });
    await t.mutation(addTwice, { text: "kept" });
    expect(await t.query(texts, {})).toEqual(["kept", "kept again"]);
    await expect(t.mutation(add, { text: 1 as never })).rejects.toThrow("Validator error");
  });

  test("runs scheduled functions when fake time has come", async () => {
    vi.useFakeTimers();
    const t = convexTest(schema, modules);
    await t.mutation(later, { text: "soon", delayMs: 1_000 });
    await t.mutation(later, { text: "late", delayMs: 60_000 });
    vi.advanceTimersByTime(2_000);
    await t.finishInProgressScheduledFunctions();
    expect(await t.query(texts, {})).toEqual(["soon"]);
    await t.finishAllScheduledFunctions(vi.runAllTimers);
    expect(await t.query(texts, {})).toEqual(["soon", "late"]);
  });

  test("an action that waits after its mutations goes on when fake time moves on", async () => {
    const t = convexTest(schema, modules);
    await t.mutation(add, { text: "zero" });
    vi.useFakeTimers();
    const done = t.action(slow, {});
    await vi.advanceTimersByTimeAsync(30_000);
    expect(await done).toEqual(["zero", "one", "two"]);
  });

  test("knows identities and HTTP actions", async () => {
    const t = convexTest({ schema, modules });
    expect(await t.query(whoami, {})).toBeNull();
    expect(await t.withIdentity({ name: "Ada" }).query(whoami, {})).toBe("Ada");
    const response = await t.fetch("/echo/x", { method: "POST", body: "hello" });
    expect([response.status, await response.text()]).toEqual([201, "hello"]);
    expect((await t.fetch("/nowhere")).status).toBe(404);
  });

  test("finds what a test file defines itself, called by name or from an inline function", async () => {
    const t = convexTest(schema, modules);
    await t.run(async (ctx) =>
      (ctx as unknown as { runMutation: typeof t.mutation }).runMutation(addOfTest, { text: "inner" }),
    );
    await t.mutation(addOfTest, { text: "outer" });
    expect(await t.query(texts, {})).toEqual(["inner", "outer"]);
  });

  test("says what is wrong with arguments in the same words", async () => {
    const t = convexTest(schema, modules);
    const refused = async (args: object) =>
      await t.mutation(add, args as never).then(
        () => "",
        (error: unknown) => (error as Error).message,
      );
    expect(await refused({})).toContain("Validator error: Missing required field `text` in object");
    expect(await refused({ text: "a", rank: 1 })).toContain(
      "Validator error: Unexpected field `rank` in object",
    );
    expect(await refused({ text: 1 })).toContain("Validator error: Expected `string`, got `1");
  });

  test("enforces limits that it is given", async () => {
    const t = convexTest({ schema, modules, transactionLimits: { documentsWritten: 2 } });
    const write = t.run(async (ctx) => {
      for (const text of ["a", "b", "c"]) await ctx.db.insert("notes", { text });
    });
    await expect(write).rejects.toThrow("Wrote too many documents");
    expect(await t.query(texts, {})).toEqual([]);
  });
});

/** As `convex-test` did before it followed its calls through async contexts: suites still do it. */
test("lets a fixture hand an inline function's context over", async () => {
  const t = embedded(schema, modules);
  let lend = (_insert: (text: string) => Promise<unknown>): void => undefined;
  const lent = new Promise<(text: string) => Promise<unknown>>((resolve) => {
    lend = resolve;
  });
  let end = (): void => undefined;
  const whole = t.run(async (ctx) => {
    lend(async (text) => await ctx.db.insert("notes", { text }));
    await new Promise<void>((resolve) => {
      end = resolve;
    });
  });
  const insert = await lent;
  await insert("from outside");
  end();
  await whole;
  expect(await t.query(texts, {})).toEqual(["from outside"]);
});
