import { expect, test, vi } from "vitest";
import { LRUCache } from "lru-cache";
import { cached, cacheOf } from "../../../lib/server/cache.ts";

const cache = (max = 10) =>
  new LRUCache<string, Promise<number>>({
    max,
    ttl: 1_000,
    perf: { now: () => performance.now() },
    ttlResolution: 0,
  });

test("those who ask at the same time share one load", async () => {
  const known = cache();
  const load = vi.fn(async () => 1);
  expect(await Promise.all([cached(known, "a", load), cached(known, "a", load)])).toEqual([1, 1]);
  expect(load).toHaveBeenCalledTimes(1);
});

test("a load that fails is forgotten, and one that took its place is not", async () => {
  const known = cache();
  const { promise, reject } = Promise.withResolvers<number>();
  const first = cached(known, "a", async () => await promise);
  known.delete("a");
  const second = cached(known, "a", async () => 2);
  reject(new Error("away"));
  await expect(first).rejects.toThrow("away");
  expect(await second).toBe(2);
  expect(await cached(known, "a", async () => 3)).toBe(2);
  await expect(
    cached(known, "b", async () => {
      throw new Error("away");
    }),
  ).rejects.toThrow("away");
  expect(await cached(known, "b", async () => 4)).toBe(4);
});

test("an entry ends with its time, whatever the clock says", async () => {
  vi.useFakeTimers();
  try {
    // At a time of 0 the library takes an entry to have no age.
    vi.advanceTimersByTime(1);
    const known = cache();
    await cached(known, "a", async () => 1);
    vi.setSystemTime(0);
    expect(await cached(known, "a", async () => 2)).toBe(1);
    vi.advanceTimersByTime(1_001);
    expect(await cached(known, "a", async () => 2)).toBe(2);
  } finally {
    vi.useRealTimers();
  }
});

test("the least lately used makes room", async () => {
  const known = cache(2);
  for (const key of ["a", "b", "a", "c"]) await cached(known, key, async () => 1);
  expect([...known.keys()].toSorted()).toEqual(["a", "c"]);
});

test("a cache is one for its name", () => {
  const options = { max: 1, ttlMs: 1 };
  expect(cacheOf("cache-test", options)).toBe(cacheOf("cache-test", options));
});
