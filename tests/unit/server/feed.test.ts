import { expect, test } from "vitest";
import { Feed, type FeedRow, readPlace } from "#server/stream/feed.ts";

/** A log whose rows can appear behind others, read in pages of two. */
function logOf(rows: FeedRow[]) {
  const read = async (after: number) =>
    rows
      .filter((row) => row.at > after)
      .toSorted((a, b) => a.at - b.at)
      .slice(0, 2);
  return { rows, read };
}
const ids = (rows: FeedRow[]) => rows.map(({ sessionId, seq }) => `${sessionId}${seq}`);

async function drain<R extends FeedRow>(feed: Feed<R>) {
  const all = [];
  for (let page = await feed.next(); page.length > 0; page = await feed.next()) all.push(...page);
  return all;
}

test("CODE-8: an event that appears behind a younger one is told all the same, once", async () => {
  let now = 0;
  const log = logOf([
    { sessionId: "a", seq: 1, at: 1_000 },
    { sessionId: "b", seq: 1, at: 1_005 },
  ]);
  const feed = new Feed({ at: 0, seqs: {} }, log.read, () => now);
  expect(ids(await drain(feed))).toEqual(["a1", "b1"]);
  // Another session's transaction began before these and was committed after them.
  log.rows.push({ sessionId: "c", seq: 1, at: 990 }, { sessionId: "a", seq: 2, at: 1_010 });
  now += 100;
  expect(ids(await drain(feed))).toEqual(["a2"]);
  now += 2_000;
  expect(ids(await drain(feed))).toEqual(["c1"]);
  now += 2_000;
  expect(await drain(feed)).toEqual([]);
});

test("CODE-8: a listener that comes back gets what it lacks, and nothing twice", async () => {
  let now = 0;
  const log = logOf([
    { sessionId: "a", seq: 1, at: 1_000 },
    { sessionId: "b", seq: 7, at: 1_005 },
    { sessionId: "b", seq: 8, at: 1_006 },
  ]);
  const first = await drain(new Feed({ at: 0, seqs: {} }, log.read, () => now));
  const place = readPlace(first.at(-1)?.place ?? "");
  if (!place) throw new Error("the place can be read");
  log.rows.push({ sessionId: "c", seq: 1, at: 990 }, { sessionId: "b", seq: 9, at: 1_007 });
  const again = new Feed(place, log.read, () => now);
  now += 5_000;
  expect(new Set(ids(await drain(again)))).toEqual(new Set(["c1", "b9"]));
});

test("begins with what comes, however much there was", async () => {
  const log = logOf(Array.from({ length: 9 }, (_, i) => ({ sessionId: "a", seq: i + 1, at: 1_000 + i })));
  const feed = new Feed({ at: 1_008, seqs: {} }, log.read, () => 10_000);
  await feed.begin();
  expect(await drain(feed)).toEqual([]);
  log.rows.push({ sessionId: "a", seq: 10, at: 1_020 });
  expect(ids(await drain(feed))).toEqual(["a10"]);
});

test("a place keeps to the sessions of the last seconds", async () => {
  const rows = Array.from({ length: 50 }, (_, i) => ({ sessionId: `s${i}`, seq: 1, at: i * 10_000 }));
  const told = await drain(new Feed({ at: -1, seqs: {} }, logOf(rows).read));
  const place = readPlace(told.at(-1)?.place ?? "");
  expect(Object.keys(place?.seqs ?? {}).length).toBeLessThan(6);
});

test.each([
  "",
  "x",
  "-1",
  "e30",
  "a".repeat(70_000),
  Buffer.from('{"at":1,"seqs":{"a":-1}}').toString("base64url"),
])("“%.20s” is no place", (text) => {
  expect(readPlace(text)).toBeNull();
});
