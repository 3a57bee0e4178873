import { beforeEach, describe, expect, test } from "vitest";
import { api, internal } from "#convex/_generated/api.js";
import { addGroups, dayOf, type UsageGroup } from "#domain/usage-report.ts";
import { member, type Member, readySession } from "./support.ts";
import { freshSession, sessionId } from "./ready-session.ts";
import { ada, db } from "./world.ts";

freshSession();

const FROM = "2020-01-01";
const CALL = {
  provider: "demo",
  keySource: "platform" as const,
  inputTokens: 100,
  cachedTokens: 40,
  outputTokens: 10,
  costMicroUsd: 7,
};
const record = async (requestId: string, model = "demo", session = sessionId) =>
  await db.service.mutation(api.usage.record, { sessionId: session, requestId, model, ...CALL });

type Asked = { numItems?: number; cursor?: string | null; by?: "member"; sessionId?: string; from?: string };
async function read(who: Member, { numItems = 100, cursor = null, from = FROM, ...more }: Asked = {}) {
  const paginationOpts = { numItems, cursor };
  return await who.as.query(api.usageReports.page, { from, paginationOpts, ...more });
}
/** Each model with its calls. */
const counts = (groups: readonly UsageGroup[]) =>
  groups.map(({ model, calls }) => `${model} ${calls}`).toSorted();
const rowsOf = async () =>
  await db.t.run(async (ctx) =>
    (await ctx.db.query("usageDaily").collect()).map(({ _id, _creationTime, ...row }) => row),
  );

describe("the roll-ups of a day", () => {
  test("have each call once, by model", async () => {
    for (const [index, model] of ["demo", "demo", "other", "demo", "other"].entries())
      await record(`r${index}`, model);
    await record("r0");
    const { groups, isDone } = await read(ada);
    expect(isDone).toBe(true);
    expect(counts(groups)).toEqual(["demo 3", "other 2"]);
    expect(groups).toContainEqual({
      day: dayOf(Date.now()),
      provider: "demo",
      model: "demo",
      keySource: "platform",
      calls: 3,
      inputTokens: 300,
      cachedTokens: 120,
      outputTokens: 30,
      costMicroUsd: 21,
    });
  });

  test("have each of two calls that end at the same time", async () => {
    await Promise.all(["r1", "r2", "r3", "r1"].map(async (id) => await record(id)));
    expect(counts((await read(ada)).groups)).toEqual(["demo 3"]);
  });

  test("have nothing of a call whose transaction breaks off behind them", async () => {
    await db.t.run(async (ctx) => {
      const { _id, _creationTime, ...totals } = (await ctx.db.query("sessionTotals").first())!;
      // The next write, to the one row of totals, does not know which is meant.
      await ctx.db.insert("sessionTotals", totals);
    });
    await expect(record("r1")).rejects.toThrow();
    expect(await rowsOf()).toEqual([]);
    expect(await db.t.run(async (ctx) => await ctx.db.query("usageRecords").collect())).toEqual([]);
  });

  test("agree with the session's totals and with the records", async () => {
    const second = await readySession(db, ada);
    await record("r1");
    await record("r2", "other", second.sessionId);
    const { groups } = await read(ada);
    const sessions = await ada.as.query(api.sessionLists.totals, {
      sessionIds: [sessionId, second.sessionId],
    });
    const cost = sessions.reduce((sum, { totals }) => sum + totals.totalCostMicroUsd, 0);
    expect(groups.reduce((sum, group) => sum + group.costMicroUsd, 0)).toBe(cost);
  });
});

describe("a report", () => {
  test("is read page by page", async () => {
    for (const model of ["a", "b", "c", "d", "e"]) await record(model, model);
    const first = await read(ada, { numItems: 3 });
    expect(first).toMatchObject({ isDone: false, oldestDay: dayOf(Date.now()) });
    const second = await read(ada, { numItems: 3, cursor: first.continueCursor });
    expect(counts(addGroups([...first.groups, ...second.groups]))).toEqual([
      "a 1",
      "b 1",
      "c 1",
      "d 1",
      "e 1",
    ]);
  });

  test("has each person's calls alone where asked for", async () => {
    await record("r1");
    const { groups, people } = await read(ada, { by: "member" });
    expect(groups.map(({ userId, calls }) => [userId, calls])).toEqual([[ada.userId, 1]]);
    expect(people).toEqual([{ userId: ada.userId, name: "ada" }]);
  });

  test("counts a call for the person who sent the message, not for the one who made the session", async () => {
    const bob = await member(db, "bob", "admin", "ada");
    await bob.as.mutation(api.runs.start, { sessionId, message: "hi" });
    await record("r1");
    const { groups } = await read(ada, { by: "member" });
    expect(groups.map(({ userId }) => userId)).toEqual([bob.userId]);
  });

  test("adds people up where they are not asked for", async () => {
    const bob = await member(db, "bob", "admin", "ada");
    await record("r1");
    await bob.as.mutation(api.runs.start, { sessionId, message: "hi" });
    await record("r2");
    expect(counts((await read(ada)).groups)).toEqual(["demo 2"]);
  });

  test("is of one session where that is named", async () => {
    const second = await readySession(db, ada);
    await record("r1");
    await record("r2", "other", second.sessionId);
    expect(counts((await read(ada, { sessionId: second.sessionId })).groups)).toEqual(["other 1"]);
  });

  test("has nothing of another organization, nor of its sessions", async () => {
    const eve = await member(db, "eve");
    await record("r1");
    expect(await read(eve)).toMatchObject({ groups: [], oldestDay: null });
    await expect(read(eve, { sessionId })).rejects.toMatchObject({ data: { code: "not_found" } });
  });

  test("has nothing from before its first day", async () => {
    await record("r1");
    expect(await read(ada, { from: dayOf(Date.now() + 2 * 86_400_000) })).toMatchObject({ groups: [] });
  });

  test.each(["", "2026", "yesterday!", "2026-1-01 "])("takes no %j for a day", async (from) => {
    await expect(read(ada, { from })).rejects.toMatchObject({ data: { code: "invalid_request" } });
  });
});

describe("records from before there were roll-ups", () => {
  const fn = "migrations:usageDaily";
  const migrate = async () => await db.t.mutation(internal.migrations.usageDaily, { fn, cursor: null });
  beforeEach(async () => {
    for (const id of ["r1", "r2", "r3"]) await record(id);
    await db.t.run(async (ctx) => {
      for (const row of await ctx.db.query("usageDaily").collect()) await ctx.db.delete(row._id);
      for (const row of await ctx.db.query("usageRecords").collect())
        await ctx.db.patch(row._id, { rolledUp: undefined });
    });
  });

  test("are added once, however often that is begun, beside new ones", async () => {
    await record("r4");
    await migrate();
    await record("r5");
    await migrate();
    expect(counts((await read(ada)).groups)).toEqual(["demo 5"]);
  });

  test("stay as they are in a dry run", async () => {
    await expect(db.t.mutation(internal.migrations.usageDaily, { fn, dryRun: true })).rejects.toThrow(
      "Dry run",
    );
    expect(await rowsOf()).toEqual([]);
  });
});
