import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { systemClock } from "#runtime/engine/clock.ts";
import { Executor } from "#runtime/engine/executor.ts";
import { newId } from "#runtime/storage/ids.ts";
import { encodeKey } from "#runtime/storage/keys.ts";
import { Store } from "#runtime/storage/sqlite.ts";

let folder: string;
let store: Store;
let executor: Executor;

beforeEach(() => {
  folder = fs.mkdtempSync(path.join(os.tmpdir(), "runtime-storage-"));
  store = new Store(path.join(folder, "data.sqlite"));
  executor = new Executor(store, systemClock);
});
afterEach(async () => {
  await executor.close();
  store.close();
  fs.rmSync(folder, { recursive: true });
});

const insert = (size: number) =>
  executor.write(async () => {
    const id = newId(10_001, 0);
    const rowid = store.insertDocument(id, 10_001, "x".repeat(size), size);
    store.addEntry(1, encodeKey([id]), rowid);
    return id;
  });

test("a full disk refuses the change, loses nothing, and ends when there is room", async () => {
  const kept = await insert(100);
  const { page_count: pages } = store.db.prepare("PRAGMA page_count").get() as { page_count: number };
  store.db.exec(`PRAGMA max_page_count = ${pages + 3}`);
  await expect(insert(200_000)).rejects.toThrow("The change was not saved");
  // A function that catches the error must not be taken for one that succeeded.
  const caught = executor.write(async () => {
    try {
      store.insertDocument(newId(10_001, 0), 10_001, "x".repeat(200_000), 200_000);
    } catch (error) {
      return String(error);
    }
    return "stored";
  });
  await expect(caught).rejects.toThrow("The change was not saved");
  expect(store.document(kept)?.body).toHaveLength(100);
  store.db.exec("PRAGMA max_page_count = 1000000");
  const later = await insert(200_000);
  expect(store.document(later)?.body).toHaveLength(200_000);
  expect(store.db.prepare("SELECT count(*) AS n FROM documents").get()).toEqual({ n: 2 });
});

test("writes of one batch are undone one by one, and commit together", async () => {
  const commits: number[] = [];
  executor.onCommit = (writes) => commits.push(writes.length);
  const outcomes = await Promise.allSettled(
    Array.from({ length: 10 }, (_, i) =>
      executor.write(async (transaction) => {
        store.setMeta(`key ${i}`, "set");
        transaction.writes.push({ id: `${i}` });
        if (i % 2) throw new Error("odd");
        return transaction.ts;
      }),
    ),
  );
  expect(commits).toEqual([5]);
  const stamps = outcomes.flatMap((outcome) => (outcome.status === "fulfilled" ? [outcome.value] : []));
  expect(stamps).toEqual(stamps.toSorted((a, b) => (a < b ? -1 : 1)));
  expect(new Set(stamps).size).toBe(5);
  expect(Array.from({ length: 10 }, (_, i) => store.meta(`key ${i}`))).toEqual(
    Array.from({ length: 10 }, (_, i) => (i % 2 ? undefined : "set")),
  );
});

test("time never runs backwards over a restart", async () => {
  await insert(1);
  const { ts } = executor;
  const past = { now: () => 1000, timer: systemClock.timer.bind(systemClock) };
  const again = new Executor(store, past);
  expect(again.ts).toBeGreaterThan(ts);
  expect(await again.write(async (transaction) => transaction.ts)).toBeGreaterThan(again.ts - 1n);
});
