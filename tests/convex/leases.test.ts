import { afterEach, expect, test, vi } from "vitest";
import { api } from "#convex/_generated/api.js";
import type { Id } from "#convex/_generated/dataModel.js";
import { DEADLINES } from "#domain/lifecycle.ts";
import { database, member, readySession } from "./support.ts";

afterEach(() => void vi.useRealTimers());

const SESSION = {
  environment: "development",
  provider: "demo",
  model: "demo",
  keySource: "platform",
  title: "New session",
} as const;

test("a session with work that nobody holds waits for a worker: when it is created, and when it is let go", async () => {
  const db = database();
  const ada = await member(db, "ada");
  const waiting = async () => await db.service.query(api.sessionLeases.waiting, {});
  const created = await ada.by.mutation(api.sandboxSessions.create, SESSION);
  const sessionId = created.id as Id<"sandboxSessions">;
  expect(await waiting()).toEqual([sessionId]);
  const generation = await db.service.mutation(api.sessionLeases.claim, { sessionId, holder: "worker" });
  expect(await waiting()).toEqual([]);
  await db.service.mutation(api.sessionLeases.release, { sessionId, generation: generation ?? 0 });
  expect(await waiting()).toEqual([sessionId]);
});

test("an idle session waits for nobody, until a message comes", async () => {
  const db = database();
  const ada = await member(db, "ada");
  const { sessionId, generation } = await readySession(db, ada);
  await db.service.mutation(api.sessionLeases.release, { sessionId, generation });
  expect(await db.service.query(api.sessionLeases.waiting, {})).toEqual([]);
  await ada.as.mutation(api.runs.start, { sessionId, message: "hello" });
  expect(await db.service.query(api.sessionLeases.waiting, {})).toEqual([sessionId]);
});

test("of two servers one does what is due, until it gives that back or is heard of no more", async () => {
  vi.useFakeTimers({ toFake: ["Date"] });
  const db = database();
  const claim = async (holder: string) => await db.service.mutation(api.sweepLease.claim, { holder });
  const release = async (holder: string) => await db.service.mutation(api.sweepLease.release, { holder });
  expect([await claim("one"), await claim("two"), await claim("one")]).toEqual([true, false, true]);
  await release("two");
  expect(await claim("two")).toBe(false);
  await release("one");
  expect([await claim("two"), await claim("one")]).toEqual([true, false]);
  vi.setSystemTime(Date.now() + DEADLINES.leaseMs - 1);
  expect([await claim("one"), await claim("two")]).toEqual([false, true]);
  vi.setSystemTime(Date.now() + DEADLINES.leaseMs + 1);
  expect([await claim("one"), await claim("two")]).toEqual([true, false]);
  // The clock was set back: no lease can last so long.
  vi.setSystemTime(Date.now() - 60_000);
  expect(await claim("two")).toBe(true);
  expect(await db.t.run(async (ctx) => await ctx.db.query("sweepLeases").collect())).toHaveLength(1);
});
