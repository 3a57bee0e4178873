import fc from "fast-check";
import { beforeEach, describe, expect, test, vi } from "vitest";
import { api } from "#convex/_generated/api.js";
import { METER_STEP_MS, timeCost } from "#domain/sandbox-time.ts";
import {
  ada,
  balance,
  create,
  db,
  due,
  entries,
  frozenClock,
  grant,
  later,
  meters,
  MINUTE,
  month,
  PRICE,
  running,
  seen,
  SIZE,
  startOver,
  terms,
  usage,
} from "./metered-sandbox.ts";
import { member } from "./support.ts";

frozenClock();

describe("the time of a session's sandbox", () => {
  test("SPEC: is counted from its start to its end, by day, session and size, and is on the bill", async () => {
    await terms();
    await grant(5_000_000);
    vi.setSystemTime(Date.parse("2026-11-20T23:58:00Z"));
    const { sessionId } = await running("box");
    later(5 * MINUTE);
    expect(await due()).toEqual(["box"]);
    await seen("box");
    expect(await due()).toEqual([]);
    later(MINUTE);
    await ada.as.mutation(api.sandboxSessions.stop, { sessionId });
    later(1_000);
    const ended = { sandboxId: "box", ran: true, at: Date.now() };
    await db.service.mutation(api.sandboxSessions.cleanedUp, { sessionId, ended });
    later(60 * MINUTE);
    expect(await due()).toEqual([]);
    const cost = 361 * 37;
    expect(await balance()).toMatchObject({ balanceMicroUsd: 5_000_000 - cost, spentMicroUsd: cost });
    expect(await usage()).toMatchObject([
      { day: "2026-11-21", provider: "sandbox", model: "2 vCPU, 2 GB", sandboxMs: 241_000, calls: 0 },
      { day: "2026-11-20", keySource: "platform", sandboxMs: 120_000, costMicroUsd: 120 * 37 },
    ]);
    expect(await entries()).toMatchObject([
      { deltaMicroUsd: -61 * 37, sessionId, description: "2 vCPU, 2 GB" },
      { deltaMicroUsd: -300 * 37, sessionId },
    ]);
    expect(await month()).toEqual({ month: "2026-11", usedMs: 361_000, hours: 0 });
    const paginationOpts = { numItems: 100, cursor: null };
    const parts = { from: "2026-11-01", of: "session", paginationOpts } as const;
    expect((await ada.as.query(api.usageReports.parts, parts)).parts).toMatchObject([
      { id: sessionId, sandboxMs: 361_000, costMicroUsd: cost },
    ]);
    const names = { of: "session" as const, ids: [sessionId as string, "x"] };
    expect(await ada.as.query(api.usageReports.names, names)).toEqual([
      { id: sessionId, name: "New session" },
    ]);
    const eve = await member(db, "eve");
    expect(await eve.as.query(api.usageReports.names, names)).toEqual([]);
    expect((await eve.as.query(api.usageReports.parts, parts)).parts).toEqual([]);
  });

  test("costs nothing where the operator has set no price, and is counted all the same", async () => {
    await running("box");
    later(MINUTE);
    await seen("box", { ended: true });
    expect(await entries()).toEqual([]);
    expect(await usage()).toMatchObject([{ sandboxMs: MINUTE, costMicroUsd: 0 }]);
  });

  test("is counted once, however often and by whomever it is told", async () => {
    await terms();
    await grant(5_000_000);
    const { attached } = await running("box");
    await db.service.mutation(api.sandboxSessions.attachSandbox, attached);
    expect(await meters()).toHaveLength(1);
    later(MINUTE);
    const at = Date.now();
    await Promise.all([seen("box", { at }), seen("box", { at }), seen("box", { at: at - 30_000 })]);
    await seen("box", { at, ended: true });
    later(MINUTE);
    // A server that was held up, and one that says that it was gone.
    await seen("box");
    await seen("box", { ran: false });
    await seen("box", { ended: true });
    expect(await balance()).toMatchObject({ balanceMicroUsd: 5_000_000 - 60 * 37 });
    expect(await meters()).toMatchObject([{ countedUntil: at, endedAt: at }]);
  });

  test("is counted to its end, also where a second server that ended it found it gone, and was heard first", async () => {
    await running("box");
    later(MINUTE);
    const at = Date.now();
    await seen("box", { at, ran: false, ended: true });
    await seen("box", { at: at + 1 });
    expect(await month()).toMatchObject({ usedMs: 0 });
    later(MINUTE);
    for (let i = 0; i < 2; i += 1) await seen("box", { at, ended: true });
    // It has ended for good now.
    await seen("box", { ended: true });
    await seen("box", { ran: false, ended: true });
    await seen("box", { ended: true });
    expect(await month()).toMatchObject({ usedMs: MINUTE });
    expect(await meters()).toMatchObject([{ countedUntil: at, endedAt: at }]);
  });

  test("of one that was lost ends where it was last seen", async () => {
    await running("box");
    later(METER_STEP_MS);
    await seen("box");
    const last = Date.now();
    later(20 * MINUTE);
    await seen("box", { ran: false });
    expect(await meters()).toMatchObject([{ countedUntil: last, endedAt: last }]);
    expect(await month()).toMatchObject({ usedMs: METER_STEP_MS });
  });

  test("goes on while nobody was there to count it, at the price with which it began", async () => {
    await terms();
    await grant(5_000_000);
    await running("box");
    await terms({ vcpuNanoUsd: 1_000_000 });
    later(3 * 60 * MINUTE);
    await seen("box");
    expect(await balance()).toMatchObject({ balanceMicroUsd: 5_000_000 - 3 * 133_200 });
  });

  test("a moment to come counts as now, and one of before as nothing", async () => {
    await running("box");
    later(MINUTE);
    await seen("box", { at: Date.now() + 60 * MINUTE });
    await seen("box", { at: 0 });
    expect(await month()).toMatchObject({ usedMs: MINUTE });
  });

  test("one that takes another's place has that one looked at", async () => {
    const { attached } = await running("first");
    later(1_000);
    await db.service.mutation(api.sandboxSessions.attachSandbox, { ...attached, sandboxId: "second" });
    expect(await due()).toEqual(["first"]);
  });

  test("of another organization is not seen, and no member can count or price one", async () => {
    await running("box");
    later(MINUTE);
    await seen("box");
    const eve = await member(db, "eve");
    expect([await usage(eve), await month(eve)]).toMatchObject([[], { usedMs: 0 }]);
    const sighting = { sandboxId: "box", at: Date.now(), ran: true, ended: true };
    await expect(ada.as.mutation(api.sandboxMeters.seen, sighting)).rejects.toThrow();
    await expect(
      ada.as.mutation(api.sandboxMeters.setTerms, { ...PRICE, monthlyHours: 0 }),
    ).rejects.toThrow();
    const viewer = await member(db, "vic", "viewer", "ada");
    await expect(viewer.as.query(api.sandboxMeters.month, {})).rejects.toThrow();
  });
});

test("terms that are no whole amounts are refused", async () => {
  for (const wrong of [{ vcpuNanoUsd: -1 }, { gbNanoUsd: 0.5 }, { monthlyHours: Number.NaN }])
    await expect(terms(wrong)).rejects.toThrow("whole numbers");
});

describe("without credits", () => {
  const refused = { data: { code: "no_credits", kind: "sandbox_credits" } };
  beforeEach(async () => {
    await terms();
    await grant(10 * 37);
  });

  test("no new sandbox is created, no matter who pays for the models, until there are some", async () => {
    await running("box");
    later(10_000);
    await seen("box");
    expect(await balance()).toMatchObject({ balanceMicroUsd: 0 });
    await expect(create()).rejects.toMatchObject(refused);
    await grant(1);
    expect((await create()).status).toBe("provisioning");
  });

  test("a session that does nothing is stopped, its work saved, and cannot go on before there are some", async () => {
    const { sessionId } = await running("box");
    later(20_000);
    await seen("box");
    const { items } = await db.service.query(api.due.late, { now: Date.now() });
    expect(items).toMatchObject([{ sessionId, isIdle: true }]);
    // Nobody puts that off by being there.
    await ada.as.mutation(api.sandboxSessions.keepalive, { sessionId });
    expect((await db.service.query(api.due.late, { now: Date.now() })).items).toHaveLength(1);
    await expect(ada.as.mutation(api.runs.start, { sessionId, message: "hi" })).rejects.toMatchObject(
      refused,
    );
    await db.service.mutation(api.sandboxSessions.expire, { sessionId });
    expect(await ada.as.query(api.sandboxSessions.get, { sessionId })).toMatchObject({ status: "stopped" });
    const { events } = await ada.as.query(api.events.list, { sessionId, after: 0, limit: 100 });
    expect(events.at(-1)).toMatchObject({ type: "session.ended" });
    expect(JSON.stringify(events.at(-1))).toContain("No credits are left");
    await db.service.mutation(api.sandboxSessions.cleanedUp, { sessionId });
    await expect(ada.as.mutation(api.runs.start, { sessionId, message: "hi" })).rejects.toMatchObject(
      refused,
    );
    await grant(1_000);
    await ada.as.mutation(api.runs.start, { sessionId, message: "hi" });
    expect(await ada.as.query(api.sandboxSessions.get, { sessionId })).toMatchObject({
      status: "provisioning",
    });
  });

  test("a turn comes to its end first, and what waits behind it is not begun", async () => {
    const { sessionId, generation } = await running("box");
    const { runId } = await ada.as.mutation(api.runs.start, { sessionId, message: "one" });
    const { runId: next } = await ada.as.mutation(api.runs.start, { sessionId, message: "two" });
    later(20_000);
    await seen("box");
    await seen("box");
    const { events } = await ada.as.query(api.events.list, { sessionId, after: 0, limit: 100 });
    expect(events.filter(({ type }) => type === "message.system")).toHaveLength(1);
    expect((await db.service.query(api.due.late, { now: Date.now() })).items).toEqual([]);
    await db.service.mutation(api.events.append, {
      sessionId,
      generation,
      batch: 1,
      events: [],
      runEnd: { runId, ending: { status: "completed", output: "done", stopReason: "end_turn" } },
    });
    expect((await db.service.query(api.due.late, { now: Date.now() })).items).toMatchObject([
      { sessionId, isIdle: true },
    ]);
    await db.service.mutation(api.sandboxSessions.expire, { sessionId });
    expect(await ada.as.query(api.runs.get, { runId })).toMatchObject({ status: "completed" });
    expect(await ada.as.query(api.runs.get, { runId: next })).toMatchObject({ status: "cancelled" });
    expect(await ada.as.query(api.sandboxSessions.get, { sessionId })).toMatchObject({ status: "stopped" });
  });

  test("a session goes on where credits come before it has stopped", async () => {
    const { sessionId } = await running("box");
    later(20_000);
    await seen("box");
    await grant(5_000);
    await db.service.mutation(api.sandboxSessions.expire, { sessionId });
    expect(await ada.as.query(api.sandboxSessions.get, { sessionId })).toMatchObject({ status: "ready" });
    expect((await db.service.query(api.due.late, { now: Date.now() })).items).toEqual([]);
  });
});

describe("the hours of a month", () => {
  const full = { data: { code: "session_limit", kind: "sandbox_hours", params: { hours: 1 } } };
  const useAnHour = async () => {
    await running("box");
    later(60 * MINUTE);
    await seen("box", { ended: true });
  };

  test("SPEC: once they are used, no new sandbox is created before the next month", async () => {
    await terms({ monthlyHours: 1 });
    await useAnHour();
    expect(await month()).toEqual({ month: "2026-11", usedMs: 60 * MINUTE, hours: 1 });
    await expect(create()).rejects.toMatchObject(full);
    expect((await create(await member(db, "eve"))).status).toBe("provisioning");
    vi.setSystemTime(Date.parse("2026-12-01T00:00:00Z"));
    expect((await create()).status).toBe("provisioning");
  });

  test("are the organization's own where its admins have set some; 0 is no limit", async () => {
    await terms({ monthlyHours: 1 });
    await useAnHour();
    await ada.as.mutation(api.organizationSettings.set, { sandbox_hours_per_month: 0 });
    expect((await create()).status).toBe("provisioning");
    await ada.as.mutation(api.organizationSettings.set, { sandbox_hours_per_month: 1 });
    await expect(create()).rejects.toMatchObject(full);
    const bob = await member(db, "bob", "member", "ada");
    await expect(
      bob.as.mutation(api.organizationSettings.set, { sandbox_hours_per_month: 5 }),
    ).rejects.toMatchObject({ data: { code: "forbidden" } });
    for (const wrong of [-1, 0.5, 1_000_001])
      await expect(
        ada.as.mutation(api.organizationSettings.set, { sandbox_hours_per_month: wrong }),
      ).rejects.toMatchObject({ data: { code: "invalid_request" } });
  });
});

test("SPEC: whatever crashes, and no matter who tells it twice, the seconds are those that ran, and the ledger is the balance", async () => {
  /** What happens, one after the other, to one of three sandboxes. */
  const step = fc.record({
    box: fc.nat(2),
    ms: fc.nat(20 * MINUTE),
    act: fc.constantFrom("look", "twice", "stale", "end", "lose", "crash"),
  });
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 25 }), async (steps) => {
      await startOver();
      await terms();
      await grant(1_000_000_000);
      const boxes = [];
      for (const id of ["a", "b", "c"]) {
        await running(id);
        boxes.push({ id, begun: Date.now(), known: Date.now(), isOver: false, wasLost: false });
      }
      for (const { box: index, ms, act } of steps) {
        const box = boxes[index]!;
        const before = Date.now();
        later(ms);
        const at = Date.now();
        const tell = async (more = {}) => await seen(box.id, { at, ...more });
        // A server that dies before it tells, tells nothing.
        if (act === "crash") continue;
        if (act === "look") await tell();
        if (act === "twice") await Promise.all([tell(), tell()]);
        if (act === "stale") await seen(box.id, { at: before });
        if (act === "end") await tell({ ended: true });
        if (act === "lose") await tell({ ran: false });
        if (box.isOver) {
          // Who has ended it was only heard after who found it gone.
          if (act === "end" && box.wasLost) [box.known, box.wasLost] = [at, false];
          continue;
        }
        if (act === "stale") box.known = Math.max(box.known, before);
        else if (act !== "lose") box.known = at;
        box.isOver = act === "end" || act === "lose";
        box.wasLost = act === "lose";
      }
      const ran = boxes.map(({ begun, known }) => known - begun);
      expect((await meters()).map((one) => one.countedUntil - one.startedAt)).toEqual(ran);
      const total = ran.reduce((sum, ms) => sum + ms, 0);
      const cost = ran.reduce(
        (sum, ms) => sum + timeCost(ms, { ...SIZE, ...PRICE, startedAt: 0, countedUntil: 0 }),
        0,
      );
      const groups = await usage();
      expect(groups.reduce((sum, { sandboxMs = 0 }) => sum + sandboxMs, 0)).toBe(total);
      expect((await month()).usedMs).toBe(total);
      const rows = await db.t.run(async (ctx) => await ctx.db.query("ledgerEntries").collect());
      const sum = rows.reduce((all, { deltaMicroUsd }) => all + deltaMicroUsd, 0);
      expect([sum, (await balance()).balanceMicroUsd]).toEqual([1_000_000_000 - cost, 1_000_000_000 - cost]);
      expect((await balance()).spentMicroUsd).toBe(cost);
    }),
    { numRuns: 15 },
  );
});
