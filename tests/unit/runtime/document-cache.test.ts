import { expect, test } from "vitest";
import { AFTER_ALL_KEYS, encodeKey } from "#runtime/storage/keys.ts";
import { newId } from "#runtime/storage/ids.ts";
import { Store } from "#runtime/storage/sqlite.ts";
import { DocumentCache } from "#runtime/storage/document-cache.ts";

const TABLE = 10_001;
const INDEX = 7;

/** A row of numbers that looks random, the same each time. */
function numbers(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) & 0x7fffffff;
    return state % below;
  };
}

test("whatever was written, undone or removed between: documents are as the storage has them", () => {
  const store = new Store(":memory:");
  const next = numbers(3);
  let live: { id: string; n: number }[] = [];
  const rowOf = (id: string) => store.document(id)?.rowid ?? -1;
  /** One change; answers what there is after it. */
  const change = (now: { id: string; n: number }[], round: number) => {
    const at = next(Math.max(1, now.length));
    const one = now[at];
    const n = next(500);
    const body = JSON.stringify({ round, n, text: "x".repeat(next(40)) });
    if (!one || next(3) === 0) {
      const id = newId(TABLE, round);
      store.addEntry(INDEX, encodeKey([n, id]), store.insertDocument(id, TABLE, body, body.length));
      return [...now, { id, n }];
    }
    if (next(2) === 0) {
      store.removeEntry(INDEX, encodeKey([one.n, one.id]));
      store.deleteDocument(rowOf(one.id));
      return now.filter((other) => other !== one);
    }
    store.updateDocument(rowOf(one.id), body, body.length);
    return now;
  };
  let whole = 0;
  for (let round = 0; round < 400; round++) {
    store.begin();
    let after = live;
    for (let i = 0; i <= next(4); i++) after = change(after, round * 10 + i);
    // What a transaction reads of its own must not stay when it is undone.
    store.scanDocuments(INDEX, encodeKey([]), AFTER_ALL_KEYS, "asc", 50);
    if (next(3) === 0) store.rollback();
    else {
      store.commit();
      live = after;
    }
    for (const order of ["asc", "desc"] as const) {
      const lo = encodeKey([next(500)]);
      const limit = 1 + next(20);
      const found = store.scanDocuments(INDEX, lo, AFTER_ALL_KEYS, order, limit);
      const read = store.scan(INDEX, lo, AFTER_ALL_KEYS, order, limit);
      expect(found).toEqual(read.map(({ body, size }) => ({ body, size })));
      whole += found.length;
    }
  }
  expect(live.length).toBeGreaterThan(10);
  expect(whole).toBeGreaterThan(500);
  store.close();
});

test("ranges in vain are asked for ever more rarely, until one is found whole", () => {
  const cache = new DocumentCache();
  const text = { body: "{}", size: 2 };
  const asked = () => {
    let passed = 0;
    while (!cache.worthAsking()) passed++;
    return passed;
  };
  for (const expected of [0, 1, 3, 7, 15, 31, 63, 63]) {
    expect(asked()).toBe(expected);
    expect(cache.all([[1]])).toBeNull();
  }
  cache.keep(1, text);
  expect(asked()).toBe(63);
  expect(cache.all([[1]])).toEqual([text]);
  expect(asked()).toBe(0);
});

test("the oldest documents make room, and none that is too large is kept", () => {
  const cache = new DocumentCache();
  const body = "x".repeat(60_000);
  for (let row = 0; row < 1_000; row++) cache.keep(row, { body, size: body.length });
  expect(cache.all([[0]])).toBeNull();
  expect(cache.all([[999]])).toHaveLength(1);
  cache.keep(2_000, { body: "x".repeat(70_000), size: 70_000 });
  expect(cache.all([[2_000]])).toBeNull();
  cache.forget(999);
  expect(cache.all([[999]])).toBeNull();
});
