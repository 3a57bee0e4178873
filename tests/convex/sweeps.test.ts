import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { api, internal } from "#convex/_generated/api.js";
import type { Id } from "#convex/_generated/dataModel.js";
import { database, type Database, member, type Member, readySession, settle } from "./support.ts";
import { SMALL_CALL, USED } from "./things.ts";

const DAY_MS = 24 * 3600_000;

let db: Database;
let ada: Member;
beforeEach(async () => {
  vi.useFakeTimers();
  db = database();
  ada = await member(db, "ada");
});
afterEach(() => vi.useRealTimers());

const count = async (table: "sessionCommands" | "creditHolds" | "sessionEvents" | "artifacts" | "runs") =>
  await db.t.run(async (ctx) => (await ctx.db.query(table).collect()).length);
const reserve = async (sessionId: Id<"sandboxSessions">, requestId: string) =>
  await db.service.mutation(api.usage.reserve, {
    sessionId,
    requestId,
    ...SMALL_CALL,
  });

describe("what is spent", () => {
  const sweep = async () => {
    await db.t.mutation(internal.sweeps.spent, {});
    await settle(db, 5);
  };

  test("commands that are done go after a day, and no others", async () => {
    const { sessionId } = await readySession(db, ada);
    await ada.as.mutation(api.runs.start, { sessionId, message: "hi" });
    const { queued } = await db.service.query(api.sessionCommands.inbox, { sessionId });
    vi.advanceTimersByTime(2 * DAY_MS);
    await sweep();
    expect(await count("sessionCommands")).toBe(1);
    await db.service.mutation(api.sessionCommands.markDone, { commandId: queued[0]!.id });
    await sweep();
    expect(await count("sessionCommands")).toBe(0);
  });

  test("a late word of a command that is gone changes nothing", async () => {
    const { sessionId, generation } = await readySession(db, ada);
    await ada.as.mutation(api.runs.start, { sessionId, message: "hi" });
    const { queued } = await db.service.query(api.sessionCommands.inbox, { sessionId });
    const commandId = queued[0]!.id;
    await db.t.run(async (ctx) => await ctx.db.delete(commandId));
    await db.service.mutation(api.sessionCommands.markDone, { commandId });
    expect(await db.service.mutation(api.sessionCommands.markSending, { commandId, generation })).toBe(false);
  });

  test("holds that have ended go after a day; one that is open stays", async () => {
    const { sessionId } = await readySession(db, ada);
    for (const id of ["r1", "r2"]) await reserve(sessionId, id);
    await db.service.mutation(api.usage.release, { requestId: "r1" });
    await sweep();
    expect(await count("creditHolds")).toBe(2);
    vi.advanceTimersByTime(2 * DAY_MS);
    await sweep();
    const left = await db.t.run(async (ctx) => await ctx.db.query("creditHolds").collect());
    expect(left).toMatchObject([{ requestId: "r2", status: "open" }]);
  });

  test("more than one step takes goes, step by step, whatever its size", async () => {
    const { sessionId } = await readySession(db, ada);
    const { organizationId } = ada;
    const { runId } = await ada.as.mutation(api.runs.start, { sessionId, message: "hi" });
    for (let batch = 0; batch < 4; batch += 1)
      await db.t.run(async (ctx) => {
        for (let i = 0; i < 75; i += 1)
          await ctx.db.insert("sessionCommands", {
            organizationId,
            sessionId,
            status: "done",
            command: { kind: "prompt", runId, rpcId: "r", text: "x".repeat(100_000) },
          });
      });
    vi.advanceTimersByTime(2 * DAY_MS);
    await db.t.mutation(internal.sweeps.spent, {});
    await settle(db, 30);
    expect(await count("sessionCommands")).toBe(1);
  });
});

describe("retention", () => {
  const sweep = async (rounds = 20) => {
    await db.t.mutation(internal.sweeps.retention, { cursor: null });
    await settle(db, rounds);
  };
  /** A session that ended, with something said in it. */
  const ended = async (who: Member) => {
    const { sessionId } = await readySession(db, who);
    await who.as.mutation(api.runs.start, { sessionId, message: "carousel" });
    await who.as.mutation(api.sandboxSessions.stop, { sessionId });
    return sessionId;
  };
  const events = async (who: Member, sessionId: string) =>
    (await who.as.query(api.events.list, { sessionId, after: 0, limit: 100 })).events;
  const keep = async (who: Member, days: number | null) =>
    await who.as.mutation(api.organizationSettings.set, { session_log_retention_days: days });

  test("is off by default: nothing goes", async () => {
    const sessionId = await ended(ada);
    vi.advanceTimersByTime(4_000 * DAY_MS);
    await sweep();
    expect(await events(ada, sessionId)).not.toEqual([]);
  });

  test("removes the log of a session that ended so many days ago, and none before", async () => {
    await keep(ada, 30);
    const sessionId = await ended(ada);
    vi.advanceTimersByTime(29 * DAY_MS);
    await sweep();
    expect(await events(ada, sessionId)).not.toEqual([]);
    vi.advanceTimersByTime(2 * DAY_MS);
    await sweep();
    expect(await events(ada, sessionId)).toEqual([]);
    expect(await count("runs")).toBe(0);
  });

  test("keeps the session, what it cost, and its usage", async () => {
    await keep(ada, 1);
    const { sessionId } = await readySession(db, ada);
    await db.service.mutation(api.usage.record, {
      sessionId,
      requestId: "r1",
      ...USED,
      keySource: "direct",
      costMicroUsd: 7,
    });
    await ada.as.mutation(api.sandboxSessions.stop, { sessionId });
    vi.advanceTimersByTime(2 * DAY_MS);
    await sweep();
    expect(await ada.as.query(api.sandboxSessions.get, { sessionId })).toMatchObject({
      totalCostMicroUsd: 7,
    });
    const { groups } = await ada.as.query(api.usageReports.page, {
      from: "2020-01-01",
      paginationOpts: { numItems: 10, cursor: null },
    });
    expect(groups).toMatchObject([{ costMicroUsd: 7 }]);
  });

  test("stands in the audit log, once for each session", async () => {
    await keep(ada, 1);
    const sessionId = await ended(ada);
    vi.advanceTimersByTime(2 * DAY_MS);
    await sweep();
    await sweep();
    const { page } = await ada.as.query(api.audit.list, {
      paginationOpts: { numItems: 10, cursor: null },
      action: "session.log_removed",
    });
    expect(page).toMatchObject([{ actor: { kind: "system", label: "retention" }, target: sessionId }]);
  });

  test("takes what was said out of the search", async () => {
    await keep(ada, 1);
    await ended(ada);
    vi.advanceTimersByTime(2 * DAY_MS);
    await sweep();
    const texts = await db.t.run(async (ctx) => await ctx.db.query("searchTexts").collect());
    expect(texts.map(({ part }) => part)).toEqual([0]);
  });

  test("leaves a live session alone, however old", async () => {
    await keep(ada, 1);
    const { sessionId } = await readySession(db, ada);
    vi.advanceTimersByTime(2 * DAY_MS);
    await sweep();
    expect(await events(ada, sessionId)).not.toEqual([]);
  });

  test("is each organization's own", async () => {
    const eve = await member(db, "eve");
    await keep(ada, 1);
    const hers = await ended(eve);
    const own = await ended(ada);
    vi.advanceTimersByTime(2 * DAY_MS);
    await sweep();
    expect(await events(eve, hers)).not.toEqual([]);
    expect(await events(ada, own)).toEqual([]);
  });

  test("removes a log of the largest events, step by step", async () => {
    await keep(ada, 1);
    const sessionId = await ended(ada);
    const { organizationId } = ada;
    for (let batch = 0; batch < 8; batch += 1)
      await db.t.run(async (ctx) => {
        for (let i = 0; i < 5; i += 1)
          await ctx.db.insert("artifacts", {
            organizationId,
            sessionId,
            kind: "output",
            text: "x".repeat(900_000),
          });
      });
    vi.advanceTimersByTime(2 * DAY_MS);
    await sweep(60);
    expect(await count("artifacts")).toBe(0);
    expect(await count("sessionEvents")).toBe(0);
  });

  test.each([0, -1, 1.5, 3_651])("cannot be %s days", async (days) => {
    await expect(keep(ada, days)).rejects.toMatchObject({ data: { code: "invalid_request" } });
  });
});
