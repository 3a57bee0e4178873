import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { api } from "#convex/_generated/api.js";
import type { Id } from "#convex/_generated/dataModel.js";
import { retentionStep } from "#convex/model/retention.ts";
import { type Database, database, member, type Member, readySession } from "./support.ts";
import { CHECKPOINT } from "./things.ts";

const DAY_MS = 24 * 3600_000;

let db: Database;
let ada: Member;

beforeEach(async () => {
  vi.useFakeTimers();
  db = database();
  ada = await member(db, "ada");
});
afterEach(() => void vi.useRealTimers());

const preview = async (days: number, who: Member = ada) =>
  await who.as.query(api.retention.preview, { days });

/** A session that has ended, with checkpoints of some bytes each. */
async function ended(who: Member = ada, ...stored: [storedAs: string, bytes: number][]) {
  const { sessionId } = await readySession(db, who);
  await who.as.mutation(api.sandboxSessions.stop, { sessionId });
  await save(who, sessionId, ...stored);
  return sessionId;
}
async function save(who: Member, sessionId: Id<"sandboxSessions">, ...stored: [string, number][]) {
  const { organizationId } = who;
  await db.t.run(async (ctx) => {
    for (const [storedAs, bytes] of stored)
      await ctx.db.insert("checkpoints", { ...CHECKPOINT, organizationId, sessionId, storedAs, bytes });
  });
}
const seqOf = async (sessionId: Id<"sandboxSessions">) =>
  (await db.service.query(api.events.head, { sessionId })).seq;
const lastActivityOf = async (sessionId: Id<"sandboxSessions">) =>
  (await ada.as.query(api.sandboxSessions.get, { sessionId })).lastActivityAt;

test("it tells what a retention would delete, and deletes nothing", async () => {
  const old = await ended(ada, ["a", 1_000], ["b", 200]);
  const oldestAt = await lastActivityOf(old);
  vi.advanceTimersByTime(20 * DAY_MS);
  const newer = await ended(ada, ["c", 30]);
  const newestAt = await lastActivityOf(newer);
  vi.advanceTimersByTime(20 * DAY_MS);
  await ended(ada, ["d", 4]);
  await readySession(db, ada);
  const expected = {
    asOf: Date.now(),
    sessions: 2,
    events: (await seqOf(old)) + (await seqOf(newer)),
    checkpoints: 3,
    bytes: 1_230,
    isMore: false,
    oldestAt,
    newestAt,
  };
  expect(await preview(10)).toEqual(expected);
  expect(await preview(30)).toMatchObject({ sessions: 1, bytes: 1_200, oldestAt, newestAt: oldestAt });
  expect(await preview(50)).toEqual({
    asOf: Date.now(),
    sessions: 0,
    events: 0,
    checkpoints: 0,
    bytes: 0,
    isMore: false,
    oldestAt: null,
    newestAt: null,
  });
  expect(await preview(10)).toEqual(expected);
});

test("it counts what retention then removes: neither live, nor deleted, nor removed before", async () => {
  const { sessionId: live } = await readySession(db, ada);
  const gone = await ended();
  const deleted = await ended();
  await ada.as.mutation(api.sessionDeletion.remove, { sessionId: deleted });
  vi.advanceTimersByTime(10 * DAY_MS);
  // What lives is kept, however long nothing happened in it.
  await db.t.run(async (ctx) => await ctx.db.patch(live, { lastActivityAt: 1 }));
  expect(await preview(5)).toMatchObject({ sessions: 1, oldestAt: await lastActivityOf(gone) });
  await ada.as.mutation(api.organizationSettings.set, { session_log_retention_days: 5 });
  for (let step = 0; step < 50; step += 1)
    await db.t.run(async (ctx) => await retentionStep(ctx, ada.organizationId, Date.now()));
  expect(await preview(5)).toMatchObject({ sessions: 0, events: 0 });
});

test("bytes that another session shares are not counted: they stay", async () => {
  await ended(ada, ["shared", 500], ["own", 7]);
  vi.advanceTimersByTime(10 * DAY_MS);
  await ended(ada, ["shared", 500]);
  expect(await preview(5)).toMatchObject({ sessions: 1, checkpoints: 2, bytes: 7 });
});

test("where there is more than is counted it says so, with the newest of all", async () => {
  const { organizationId } = ada;
  const like = await ended();
  const newestAt = Date.now() + 1_000;
  await db.t.run(async (ctx) => {
    const { _id: _, _creationTime: __, ...row } = (await ctx.db.get(like))!;
    for (let index = 0; index < 250; index += 1)
      await ctx.db.insert("sandboxSessions", { ...row, lastActivityAt: newestAt - 249 + index });
  });
  vi.advanceTimersByTime(10 * DAY_MS);
  expect(await preview(5)).toMatchObject({ sessions: 200, isMore: true, newestAt });
  const checkpoints = Array.from({ length: 501 }, (_, index): [string, number] => [`p${index}`, 1]);
  await save({ ...ada, organizationId }, like, ...checkpoints);
  expect(await preview(5)).toMatchObject({ checkpoints: 500, bytes: 500, isMore: true });
});

test("it is for admins, of their own organization, and within the setting's bounds", async () => {
  await ended();
  vi.advanceTimersByTime(10 * DAY_MS);
  const mia = await member(db, "mia", "member", "ada");
  await expect(preview(5, mia)).rejects.toMatchObject({ data: { kind: "role_too_low" } });
  expect(await preview(5, await member(db, "bob"))).toMatchObject({ sessions: 0 });
  for (const days of [0, 3_651, 1.5])
    await expect(preview(days)).rejects.toMatchObject({ data: { code: "invalid_request" } });
});
