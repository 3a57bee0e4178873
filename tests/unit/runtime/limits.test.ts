import { defineSchema, mutationGeneric, queryGeneric } from "convex/server";
import { afterEach, describe, expect, test } from "vitest";
import { openEngine, type LocalEngine } from "#runtime/engine/engine.ts";
import { Meter } from "#runtime/engine/limits.ts";
import { shapeProblem } from "#runtime/engine/shape.ts";

let engine: LocalEngine | null = null;
afterEach(async () => {
  await engine?.close();
  engine = null;
});

const probe = {
  whoami: queryGeneric(async (ctx) => (await ctx.auth.getUserIdentity())?.subject ?? null),
  slow: queryGeneric(async (ctx) => {
    // In pieces, each far below the limit.
    for (let i = 0; i < 400; i++) {
      const untilMs = performance.now() + 100;
      while (performance.now() < untilMs) Math.sqrt(untilMs);
      await ctx.db.query("rows").first();
    }
  }),
  fetches: queryGeneric(async () => fetch("http://127.0.0.1:1")),
  times: mutationGeneric(async (ctx) => {
    const before = [Date.now(), new Date().getTime()];
    for (let i = 0; i < 50; i++) await ctx.db.insert("rows", { i });
    return new Set([...before, Date.now()]).size;
  }),
  waits: mutationGeneric(async () => new Promise((resolve) => setTimeout(resolve, 1))),
  large: mutationGeneric(async (ctx) => ctx.db.insert("rows", { text: "x".repeat(1024 * 1024) })),
};

async function call(name: keyof typeof probe, kind: "query" | "mutation", token?: string) {
  if (!engine) throw new Error("the test has opened no engine");
  const request = { path: `probe:${name}`, args: "{}", internal: false };
  return engine[kind](token === undefined ? request : { ...request, token });
}

describe("functions are held to what hosted ones may do", () => {
  test("a second of their own, however it is spread; others go on", async () => {
    engine = openEngine({ schema: defineSchema({}), modules: { probe }, path: ":memory:" });
    await expect(call("slow", "query")).rejects.toThrow(
      "Function execution timed out (maximum duration: 1s)",
    );
    expect((await call("whoami", "query")).value).toBe("null");
  }, 60_000);

  test("no network, no timers, no passing time, no document above 1 MiB", async () => {
    engine = openEngine({ schema: null, modules: { probe }, path: ":memory:" });
    await expect(call("fetches", "query")).rejects.toThrow("Can't use fetch() in queries and mutations");
    await expect(call("waits", "mutation")).rejects.toThrow(
      "Can't use setTimeout() in queries and mutations",
    );
    expect((await call("times", "mutation")).value).toBe("1");
    await expect(call("large", "mutation")).rejects.toThrow("Value is too large");
  });

  test("identities are made of tokens where the engine can", async () => {
    const auth = async (token: string) => {
      if (token !== "good") throw new Error("this token is not good");
      return { subject: "ada", issuer: "test", tokenIdentifier: "test|ada" };
    };
    engine = openEngine({ schema: null, modules: { probe }, path: ":memory:", auth });
    expect((await call("whoami", "query", "good")).value).toBe('"ada"');
    await expect(call("whoami", "query", "bad")).rejects.toThrow("this token is not good");
    expect((await call("whoami", "query")).value).toBe("null");
  });
});

test("nested limits are tighter only, and an undone call gives its writes back", () => {
  const meter = new Meter({ documentsWritten: 5 });
  meter.charge("documentsWritten", 2);
  const end = meter.nest({ documentsWritten: 100, documentsRead: 1 });
  meter.charge("documentsRead", 1);
  expect(() => meter.charge("documentsRead", 1)).toThrow("Too many documents read");
  meter.charge("documentsWritten", 3);
  expect(() => meter.charge("documentsWritten", 1)).toThrow("limit: 5");
  end(true);
  expect(meter.report().documentsWritten).toEqual({ used: 2, remaining: 3 });
  expect(meter.report().documentsRead.used).toBe(2);
  meter.charge("documentsRead", 1);
});

test("values have the platform's shape", () => {
  let deep: unknown = 1;
  for (let i = 0; i < 65; i++) deep = [deep];
  const wide = Object.fromEntries(Array.from({ length: 1025 }, (_, i) => [`f${i}`, i]));
  const cases: [unknown, RegExp | null][] = [
    [{ a: [1, { b: null }] }, null],
    [deep, /too nested/],
    [Array.from({ length: 8193 }, () => 0), /Array length is too long \(8193 > maximum length 8192\)/],
    [wide, /too many fields \(1025/],
    [{ $a: 1 }, /starts with '\$'/],
    [{ "": 1 }, /cannot be empty/],
    [{ x: { ä: 1 } }, /invalid characters/],
  ];
  for (const [value, expected] of cases) {
    if (expected) expect(shapeProblem(value)).toMatch(expected);
    else expect(shapeProblem(value)).toBeNull();
  }
});
