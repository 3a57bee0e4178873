import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import {
  defineSchema,
  defineTable,
  mutationGeneric,
  queryGeneric,
  cronJobs,
  makeFunctionReference,
} from "convex/server";
import { v, type Value } from "convex/values";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import type { Clock } from "#runtime/engine/clock.ts";
import { openEngine, type Engine } from "#runtime/engine/engine.ts";
import { FunctionError } from "#runtime/engine/errors.ts";
import type { Transition } from "#runtime/engine/live.ts";

const schema = defineSchema({
  items: defineTable({ group: v.string(), n: v.number(), note: v.optional(v.string()) }).index("by_group", [
    "group",
    "n",
  ]),
});
type Item = { _id: string; group: string; n: number; note?: string };
type Page = {
  page: Item[];
  isDone: boolean;
  continueCursor: string;
  pageStatus: string | null;
  splitCursor: string | null;
};

let runs: string[] = [];
const inGroup = (group: string) => (q: { eq: (field: string, value: Value) => never }) =>
  q.eq("group", group);
const items = {
  add: mutationGeneric(async (ctx, { group, n }: { group: string; n: number }) =>
    ctx.db.insert("items", { group, n }),
  ),
  first: queryGeneric(async (ctx, { group, take }: { group: string; take: number }) => {
    runs.push(`${group}/${take}`);
    return ctx.db
      .query("items")
      .withIndex("by_group", inGroup(group) as never)
      .take(take);
  }),
  page: queryGeneric(
    async (ctx, { order, options, only }: { order: "asc" | "desc"; options: never; only?: string }) => {
      const query = ctx.db
        .query("items")
        .withIndex("by_group", inGroup("p") as never)
        .order(order);
      return only === undefined
        ? query.paginate(options)
        : query.filter((q) => q.eq(q.field("note"), only)).paginate(options);
    },
  ),
  /** Changes what lies ahead of and behind a running iteration. */
  churn: mutationGeneric(async (ctx) => {
    const seen: number[] = [];
    for (const n of [1, 2, 3, 4]) await ctx.db.insert("items", { group: "churn", n });
    for await (const item of ctx.db.query("items").withIndex("by_group", inGroup("churn") as never)) {
      seen.push(item["n"] as number);
      await ctx.db.delete(item._id);
      if (item["n"] === 2) {
        await ctx.db.insert("items", { group: "churn", n: 2.5 });
        const three = await ctx.db
          .query("items")
          .withIndex("by_group", inGroup("churn") as never)
          .order("desc")
          .collect();
        for (const later of three) if (later["n"] === 3) await ctx.db.delete(later._id);
      }
    }
    return seen;
  }),
  unknown: mutationGeneric(async (ctx) => {
    await ctx.db.insert("undeclared", { x: 1 });
    throw new Error("undone");
  }),
  reserved: mutationGeneric(async (ctx) => ctx.db.insert("free", { _mine: 1 })),
  declare: mutationGeneric(async (ctx) => {
    await ctx.db.insert("undeclared", {});
  }),
  undeclared: queryGeneric(async (ctx) => (await ctx.db.query("undeclared").collect()).length),
  whoami: queryGeneric(async (ctx) => {
    runs.push("whoami");
    return (await ctx.auth.getUserIdentity())?.subject ?? null;
  }),
  tick: mutationGeneric(async (ctx) => {
    await ctx.db.insert("items", { group: "cron", n: Date.now() });
  }),
  stuck: queryGeneric(async () => new Promise(() => undefined)),
};

/** Time that moves only when told to. */
function manualClock(start: number): Clock & { advance: (ms: number) => Promise<void> } {
  let now = start;
  let timers: { at: number; callback: () => void }[] = [];
  return {
    now: () => now,
    timer(callback, delayMs) {
      const timer = { at: now + delayMs, callback };
      timers.push(timer);
      return () => {
        timers = timers.filter((other) => other !== timer);
      };
    },
    async advance(ms) {
      const end = now + ms;
      for (;;) {
        await new Promise((resolve) => setImmediate(resolve));
        await new Promise((resolve) => setImmediate(resolve));
        const due = timers.filter(({ at }) => at <= end).toSorted((a, b) => a.at - b.at)[0];
        if (!due) break;
        now = Math.max(now, due.at);
        timers = timers.filter((timer) => timer !== due);
        due.callback();
      }
      now = end;
    },
  };
}

let clock: ReturnType<typeof manualClock>;
let engine: Engine;
const request = (path: string, args: object, identity: string | null = null) => ({
  path: `items:${path}`,
  args: JSON.stringify(args),
  internal: false,
  identity: identity === null ? null : { subject: identity, issuer: "i", tokenIdentifier: `i|${identity}` },
});
const query = async <T>(path: string, args: object, identity: string | null = null) =>
  JSON.parse((await engine.query(request(path, args, identity))).value) as T;
const mutate = async <T>(path: string, args: object) =>
  JSON.parse((await engine.mutation(request(path, args))).value) as T;

const numbers = async (group: string, take: number) =>
  (await query<Item[]>("first", { group, take })).map(({ n }) => n);

/** When the cron job has run, in minutes since the clock's start. */
const cronMinutes = async () =>
  (await numbers("cron", 99)).map((n) => Math.floor((n - Date.parse("2026-01-01T00:00:00Z")) / 60_000));

beforeEach(() => {
  runs = [];
  const crons = cronJobs();
  crons.interval("tick", { minutes: 10 }, makeFunctionReference<"mutation">("items:tick"));
  clock = manualClock(Date.parse("2026-01-01T00:00:00Z"));
  engine = openEngine({ modules: { items }, schema, crons, path: ":memory:", clock, maxWaitMs: 500 });
});
afterEach(() => engine.close());

describe("queries", () => {
  test("a result is kept until something that it consumed changes", async () => {
    for (const n of [1, 2, 3]) await mutate("add", { group: "a", n });
    expect(await numbers("a", 2)).toEqual([1, 2]);
    await mutate("add", { group: "b", n: 1 });
    await mutate("add", { group: "a", n: 2.5 });
    expect(await numbers("a", 2)).toEqual([1, 2]);
    expect(runs).toHaveLength(1);
    await mutate("add", { group: "a", n: 1.5 });
    expect(await numbers("a", 2)).toEqual([1, 1.5]);
    expect(runs).toHaveLength(2);
  });

  test("a result is shared unless it asked who is asking", async () => {
    expect(await query("whoami", {}, "x")).toBe("x");
    expect(await query("whoami", {}, "y")).toBe("y");
    expect(await query("whoami", {})).toBeNull();
    expect(await query("whoami", {}, "x")).toBe("x");
    expect(runs).toHaveLength(3);
    await query("first", { group: "a", take: 1 }, "x");
    await query("first", { group: "a", take: 1 }, "y");
    expect(runs).toHaveLength(4);
  });

  test("an iteration sees the writes made meanwhile", async () => {
    expect(await mutate("churn", {})).toEqual([1, 2, 2.5, 4]);
    expect(await query("first", { group: "churn", take: 9 })).toEqual([]);
  });

  test("one that never ends is given up, and others go on", async () => {
    const stuck = engine.query(request("stuck", {}));
    const refused = expect(stuck).rejects.toThrow("timed out");
    await refused;
    expect(await query("first", { group: "a", take: 1 })).toEqual([]);
  });
});

const readPage = (options: object, order = "asc", only?: string) =>
  query<Page>("page", {
    order,
    options: { cursor: null, ...options },
    ...(only === undefined ? {} : { only }),
  });

describe("pages", () => {
  beforeEach(async () => {
    for (let n = 0; n < 10; n++) await mutate("add", { group: "p", n });
    await mutate("add", { group: "a", n: 0 });
    await mutate("add", { group: "q", n: 0 });
  });

  test.each(["asc", "desc"])("walk the range in order: %s", async (order) => {
    const seen: number[] = [];
    let cursor: string | null = null;
    for (let i = 0; i < 4; i++) {
      const page: Page = await readPage({ numItems: 3, cursor }, order);
      seen.push(...page.page.map(({ n }) => n));
      expect(page.isDone).toBe(i === 3);
      cursor = page.continueCursor;
    }
    const all = Array.from({ length: 10 }, (_, n) => n);
    expect(seen).toEqual(order === "asc" ? all : all.toReversed());
    expect(await readPage({ numItems: 3, cursor }, order)).toMatchObject({ page: [], isDone: true });
  });

  test("a forged cursor never leaves the query's range", async () => {
    const { continueCursor } = await readPage({ numItems: 3 });
    const bytes = Buffer.from(continueCursor, "base64url");
    for (const fill of [0x00, 0xff]) {
      const forged = Buffer.concat([bytes.subarray(0, 9), Buffer.alloc(4, fill)]).toString("base64url");
      for (const order of ["asc", "desc"]) {
        const outcome = await readPage({ numItems: 50, cursor: forged }, order).catch(
          (error: unknown) => error,
        );
        if (outcome instanceof FunctionError) continue;
        for (const { group } of (outcome as Page).page) expect(group).toBe("p");
      }
    }
  });

  test("maximumRowsRead ends a page early, however much the filter lets through", async () => {
    const page = await readPage({ numItems: 5, maximumRowsRead: 4 }, "asc", "nothing has this note");
    expect(page).toMatchObject({ page: [], isDone: false });
    const rest = await readPage(
      { numItems: 5, cursor: page.continueCursor, maximumRowsRead: 20 },
      "asc",
      "nothing has this note",
    );
    expect(rest.isDone).toBe(true);
  });

  test("a page that has grown too large asks to be split", async () => {
    const { continueCursor } = await readPage({ numItems: 2 });
    for (const n of [0.1, 0.2, 0.3, 0.4]) await mutate("add", { group: "p", n });
    const grown = await readPage({ numItems: 2, endCursor: continueCursor });
    expect(grown).toMatchObject({ pageStatus: "SplitRecommended", continueCursor });
    expect(grown.page).toHaveLength(6);
    const half = await readPage({ numItems: 2, endCursor: grown.splitCursor });
    const other = await readPage({ numItems: 2, cursor: grown.splitCursor, endCursor: continueCursor });
    expect([...half.page, ...other.page]).toEqual(grown.page);
  });

  test("no items asked for is no progress", async () => {
    const nothing = await readPage({ numItems: 0 });
    expect(nothing).toMatchObject({ page: [], isDone: false });
    expect((await readPage({ numItems: 2, cursor: nothing.continueCursor })).page.map(({ n }) => n)).toEqual([
      0, 1,
    ]);
  });
});

describe("transactions", () => {
  test("a table made by a failed mutation is gone with it", async () => {
    await expect(engine.mutation(request("unknown", {}))).rejects.toThrow("undone");
    expect(await query("undeclared", {})).toBe(0);
    expect(await mutate("add", { group: "a", n: 1 })).toEqual(expect.any(String));
  });

  test("what has read a table before there was one runs again once there is", async () => {
    expect(await query("undeclared", {})).toBe(0);
    await mutate("declare", {});
    expect(await query("undeclared", {})).toBe(1);
  });

  test("a live client gets one transition for a batch, at the time of its last commit", async () => {
    const transitions: Transition[] = [];
    const live = engine.openLive((transition) => transitions.push(transition));
    live.modify(1, [{ queryId: 7, path: "items:first", args: '{"group":"a","take":9}', journal: null }], []);
    await clock.advance(0);
    const answers = await Promise.all(
      [1, 2, 3].map((n) => engine.mutation(request("add", { group: "a", n }))),
    );
    await clock.advance(0);
    expect(transitions).toHaveLength(2);
    expect(transitions[1]?.start).toEqual(transitions[0]?.end);
    expect(transitions[1]?.end.ts).toBe(answers.at(-1)?.ts);
    const [change] = transitions[1]?.modifications ?? [];
    expect(
      change?.type === "updated" ? (JSON.parse(change.value) as Item[]).map(({ n }) => n) : null,
    ).toEqual([1, 2, 3]);
    live.close();
  });
});

test("more live queries than the cache keeps for nobody are all kept up to date", async () => {
  const count = 6_000;
  const updated = new Set<number>();
  const client = engine.openLive(({ modifications }) => {
    for (const { queryId } of modifications) updated.add(queryId);
  });
  const added = Array.from({ length: count }, (_, queryId) => ({
    queryId,
    path: "items:first",
    args: JSON.stringify({ group: `live ${queryId}`, take: 1 }),
    journal: null,
  }));
  client.modify(1, added, []);
  await vi.waitFor(() => expect(updated.size).toBe(count), 20_000);
  updated.clear();
  for (const queryId of [0, 3_000, count - 1]) await mutate("add", { group: `live ${queryId}`, n: 1 });
  await vi.waitFor(() => expect([...updated]).toEqual([0, 3_000, count - 1]), 20_000);
  client.close();
});

test("cron intervals keep their rhythm, and make up for missed time by one run", async () => {
  await engine.start();
  await clock.advance(25 * 60_000);
  const times = (await numbers("cron", 99)).map((n) => new Date(n).toISOString());
  expect(times).toEqual(["2026-01-01T00:10:00.000Z", "2026-01-01T00:20:00.000Z"]);
});

test("the next cron run survives a restart, and a missed one is made up for once", async () => {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), "runtime-cron-"));
  const crons = cronJobs();
  crons.interval("tick", { minutes: 10 }, makeFunctionReference<"mutation">("items:tick"));
  const reopen = async () => {
    engine = openEngine({ modules: { items }, schema, crons, path: path.join(folder, "data.sqlite"), clock });
    await engine.start();
  };
  await engine.close();
  await reopen();
  await clock.advance(7 * 60_000);
  await engine.close();
  await clock.advance(60_000);
  await reopen();
  await clock.advance(4 * 60_000);
  expect(await cronMinutes()).toEqual([10]);
  await engine.close();
  await clock.advance(33 * 60_000);
  await reopen();
  await clock.advance(10 * 60_000);
  expect(await cronMinutes()).toEqual([10, 45, 50]);
  fs.rmSync(folder, { recursive: true });
});

test("reserved fields and arguments that are no object are refused", async () => {
  await expect(engine.mutation({ ...request("add", {}), args: "[]" })).rejects.toThrow("must be one object");
  await expect(mutate("add", { group: "a", n: 1, _secret: 1 })).resolves.toEqual(expect.any(String));
  await expect(engine.mutation(request("reserved", {}))).rejects.toThrow("starts with an underscore");
});
