import { afterEach, describe, expect, test, vi } from "vitest";
import { api } from "#convex/_generated/api.js";
import type { LimitSubject } from "#domain/monthly-limits.ts";
import { byKey, hashOf, member, readySession } from "./support.ts";
import { AGENT, USED } from "./things.ts";
import { freshSession, sessionId } from "./ready-session.ts";
import { ada, db } from "./world.ts";

freshSession();
afterEach(() => vi.useRealTimers());

/** One call that costs at most 1 cent of input and $10 for a million tokens of output: 50,000 with 4,000 of them. */
const CALL = { inputMicroUsd: 10_000, outputMicroUsdPerMillion: 10_000_000, maxOutputTokens: 4_000 };
const CENT = 10_000;

const reserve = async (requestId: string, in_ = sessionId, more: object = {}) =>
  await db.service.mutation(api.usage.reserve, {
    sessionId: in_,
    requestId,
    keySource: "direct",
    ...CALL,
    ...more,
  });
const record = async (requestId: string, costMicroUsd: number, in_ = sessionId) =>
  await db.service.mutation(api.usage.record, {
    sessionId: in_,
    requestId,
    ...USED,
    keySource: "direct",
    costMicroUsd,
  });
const set = async (limitMicroUsd: number, subject: LimitSubject = "organization", subjectId?: string) =>
  await ada.as.mutation(api.monthlyLimits.set, {
    subject,
    limitMicroUsd,
    ...(subjectId !== undefined && { subjectId }),
  });
const session = async () => await ada.as.query(api.sandboxSessions.get, { sessionId });
const organization = async () =>
  await ada.as.query(api.monthlyLimits.get, { subject: "organization", subjectId: ada.organizationId });
const warnings = async () =>
  await db.t.run(async (ctx) =>
    (await ctx.db.query("sessionEvents").collect())
      .filter(({ type }) => type === "budget.warning")
      .map(({ payload }) => JSON.parse(payload) as { scope: string; threshold_percent: number }),
  );
const told = async () => (await warnings()).map((one) => [one.scope, one.threshold_percent]);
const send = async () => (await ada.as.mutation(api.runs.start, { sessionId, message: "hi" })).runId;

describe("at the limit", () => {
  test("the call is refused, the run waits for it by name, and goes on once it is raised", async () => {
    await set(6 * CENT);
    expect(await reserve("a")).toMatchObject({ ok: true, amountMicroUsd: 50_000 });
    await record("a", 50_000);
    expect(await reserve("b")).toEqual({ ok: false, reason: "limit", subject: "organization" });
    expect(await session()).toMatchObject({
      waitingFor: "limit",
      waitDetail: {
        status: 402,
        message: "The organization's monthly limit is reached",
        limit: { subject: "organization", subjectId: ada.organizationId },
      },
    });
    await set(20 * CENT);
    expect(await reserve("b")).toMatchObject({ ok: true });
    expect((await session()).waitingFor).toBeNull();
  });

  test("what calls under way hold is no reason to wait for people", async () => {
    await set(6 * CENT);
    expect(await reserve("a")).toMatchObject({ ok: true });
    expect(await reserve("b")).toEqual({ ok: false, reason: "held" });
    expect((await session()).waitingFor).toBeNull();
    expect(await warnings()).toEqual([]);
    await db.service.mutation(api.usage.release, { requestId: "a" });
    expect(await reserve("b")).toMatchObject({ ok: true });
  });

  test("a limit below what is spent stops the next call, and one that costs nothing goes on", async () => {
    await reserve("a");
    await record("a", 40_000);
    await set(CENT);
    expect(await organization()).toMatchObject({ spentMicroUsd: 40_000, limitMicroUsd: CENT });
    expect(await reserve("b")).toMatchObject({ ok: false, reason: "limit" });
    const free = { inputMicroUsd: 0, outputMicroUsdPerMillion: 0 };
    expect(await reserve("c", sessionId, free)).toMatchObject({ ok: true, amountMicroUsd: 0 });
  });

  test("it ends when the month does", async () => {
    vi.useFakeTimers({ now: Date.UTC(2026, 10, 30, 23, 59, 50), toFake: ["Date"] });
    await set(5 * CENT);
    await reserve("a");
    expect(await reserve("b")).toMatchObject({ reason: "held" });
    vi.setSystemTime(Date.UTC(2026, 11, 1, 0, 0, 5));
    expect(await reserve("b")).toMatchObject({ ok: true });
    // It was begun in November, and counts there.
    await record("a", 30_000);
    const rows = await db.t.run(async (ctx) => await ctx.db.query("monthlySpending").collect());
    const ofAll = rows.filter(({ subject }) => subject === "organization");
    expect(ofAll.map((row) => [row.month, row.spentMicroUsd, row.heldMicroUsd])).toEqual([
      ["2026-11", 30_000, 0],
      ["2026-12", 0, 50_000],
    ]);
  });

  test("a session that ends does not let what its calls can cost be spent again", async () => {
    await set(5 * CENT);
    await reserve("a");
    await ada.as.mutation(api.sandboxSessions.stop, { sessionId });
    const other = await readySession(db, ada);
    expect(await reserve("b", other.sessionId)).toMatchObject({ ok: false, reason: "held" });
    await record("a", 50_000);
    expect(await reserve("b", other.sessionId)).toMatchObject({ ok: false, reason: "limit" });
    expect(await organization()).toMatchObject({ spentMicroUsd: 50_000, heldMicroUsd: 0 });
  });

  test("of 100 calls at once no more are made than it allows", async () => {
    await set(20 * CENT);
    const answers = await Promise.all(Array.from({ length: 100 }, async (_, n) => await reserve(`c${n}`)));
    const made = answers.filter((answer) => answer.ok);
    const sum = made.reduce((total, answer) => total + (answer.ok ? answer.amountMicroUsd : 0), 0);
    expect(sum).toBeLessThanOrEqual(20 * CENT);
    expect(made.length).toBe(4);
    expect(await organization()).toMatchObject({ heldMicroUsd: sum, spentMicroUsd: 0 });
  });
});

describe("whose a call is", () => {
  test("that of the member who sent the message, not of who started the session", async () => {
    const bob = await member(db, "bob", "member", "ada");
    await set(5 * CENT, "member", bob.userId);
    await send();
    await reserve("a");
    await record("a", 30_000);
    expect(await bob.as.query(api.monthlyLimits.told, {})).toEqual([]);
    await db.t.run(async (ctx) => {
      const run = (await ctx.db.query("runs").collect())[0]!;
      await ctx.db.patch(run._id, { userId: bob.userId });
    });
    expect(await reserve("b")).toMatchObject({ ok: true, amountMicroUsd: 50_000 });
    await record("b", 45_000);
    expect(await reserve("c")).toEqual({ ok: false, reason: "limit", subject: "member" });
    expect(await bob.as.query(api.monthlyLimits.told, {})).toMatchObject([
      { subject: "member", subjectId: bob.userId, name: "bob", spentMicroUsd: 45_000, toldStep: 100 },
    ]);
  });

  test("that of the agent and of the key that started the run", async () => {
    const agent = await ada.as.mutation(api.agents.create, AGENT);
    const keyId = await ada.by.mutation(api.apiKeys.create, {
      name: "nightly",
      last4: "abcd",
      hash: hashOf("nightly"),
      environment: "development",
      scopes: ["sessions:write"],
    });
    const made = await readySession(db, ada, { agentId: agent.id });
    const key = byKey(db, ada, keyId);
    await key.mutation(api.runs.start, { sessionId: made.sessionId, message: "hi" });
    await set(100 * CENT, "agent", agent.id);
    await set(5 * CENT, "api_key", keyId);
    await reserve("a", made.sessionId);
    await record("a", 50_000, made.sessionId);
    expect(await reserve("b", made.sessionId)).toEqual({ ok: false, reason: "limit", subject: "api_key" });
    const limits = (await ada.as.query(api.monthlyLimits.list, page)).page;
    expect(
      limits.map(({ subject, name, spentMicroUsd }) => `${subject} ${name} ${spentMicroUsd}`).toSorted(),
    ).toEqual([`agent ${agent.name} 50000`, "api_key nightly …abcd 50000"]);
    // Another run, by the person, is not the key's.
    expect(await reserve("c")).toMatchObject({ ok: true });
  });

  test("a person's own call counts for them, and is refused without a session to wait", async () => {
    await set(4 * CENT, "member", ada.userId);
    const own = { ...CALL, maxInputMicroUsd: CENT, purpose: "chat", keySource: "direct" } as const;
    expect(await ada.by.mutation(api.completions.reserve, { ...own, requestId: "a" })).toMatchObject({
      ok: true,
      amountMicroUsd: 40_000,
    });
    await db.service.mutation(api.usage.record, {
      by: { organizationId: ada.organizationId, userId: ada.userId, purpose: "chat" },
      requestId: "a",
      provider: "demo",
      model: "demo",
      keySource: "direct",
      inputTokens: 1,
      cachedTokens: 0,
      outputTokens: 1,
      costMicroUsd: 35_000,
    });
    expect(await ada.by.mutation(api.completions.reserve, { ...own, requestId: "b" })).toEqual({
      ok: false,
      reason: "limit",
      subject: "member",
    });
    expect(await ada.as.query(api.monthlyLimits.told, {})).toMatchObject([
      { subject: "member", spentMicroUsd: 35_000, heldMicroUsd: 0, toldStep: 100 },
    ]);
    expect((await session()).waitingFor).toBeNull();
  });
});

const page = { paginationOpts: { numItems: 20, cursor: null } };

describe("people are told", () => {
  const spend = async (id: string, cost: number) => {
    await reserve(id);
    await record(id, cost);
  };

  test("at 50, 80 and 100 percent, once each, and of the highest where a call takes two", async () => {
    await set(100 * CENT);
    await spend("a", 49 * CENT);
    expect(await told()).toEqual([]);
    await spend("b", CENT);
    await spend("b", CENT);
    await spend("c", 5 * CENT);
    expect(await told()).toEqual([["organization", 50]]);
    await spend("d", 45 * CENT);
    await spend("e", CENT);
    expect(await told()).toEqual([
      ["organization", 50],
      ["organization", 100],
    ]);
    expect(await reserve("f")).toMatchObject({ reason: "limit" });
    expect(await reserve("f")).toMatchObject({ reason: "limit" });
    expect((await told()).length).toBe(2);
  });

  test("of 100 percent where a call is stopped, though less than that is spent", async () => {
    await set(10 * CENT);
    await spend("a", 85_000);
    expect(await told()).toEqual([["organization", 80]]);
    await Promise.all([reserve("b"), reserve("c"), reserve("d")]);
    expect(await told()).toEqual([
      ["organization", 80],
      ["organization", 100],
    ]);
  });

  test("again of what a higher limit has put out of reach, not of what is reached still", async () => {
    await set(10 * CENT);
    await spend("a", 90_000);
    await reserve("b");
    await set(15 * CENT);
    expect(await organization()).toMatchObject({ toldStep: 50 });
    await spend("c", 40_000);
    expect(await told()).toEqual([
      ["organization", 80],
      ["organization", 100],
      ["organization", 80],
    ]);
    await ada.as.mutation(api.monthlyLimits.remove, { subject: "organization" });
    expect(await ada.as.query(api.monthlyLimits.told, {})).toEqual([]);
    await spend("d", 40_000);
    expect((await told()).length).toBe(3);
  });

  test("the log has no amounts: who reads a session need not know what others spend", async () => {
    await set(10 * CENT);
    await spend("a", 60_000);
    expect((await warnings())[0]).toEqual({
      scope: "organization",
      subject_id: ada.organizationId,
      month: expect.stringMatching(/^\d{4}-\d{2}$/),
      threshold_percent: 50,
    });
  });
});

describe("rights", () => {
  test("only admins set and remove; each is in the audit log, without names", async () => {
    const bob = await member(db, "bob", "member", "ada");
    for (const subject of ["organization", "member"] as const) {
      const of = { subject, subjectId: subject === "member" ? bob.userId : bob.organizationId };
      await expect(bob.as.mutation(api.monthlyLimits.set, { ...of, limitMicroUsd: CENT })).rejects.toThrow(
        /admin/,
      );
      await expect(bob.as.mutation(api.monthlyLimits.remove, of)).rejects.toThrow(/admin/);
    }
    await set(50 * CENT, "member", bob.userId);
    await set(50 * CENT, "member", bob.userId);
    await ada.as.mutation(api.monthlyLimits.remove, { subject: "member", subjectId: bob.userId });
    const entries = await db.t.run(async (ctx) => await ctx.db.query("auditEntries").collect());
    const ours = entries.filter(({ area }) => area === "limit");
    expect(ours.map(({ action, targetUserId, after }) => [action, targetUserId, after])).toEqual([
      ["limit.set", bob.userId, '{"limit_micro_usd":500000}'],
      ["limit.removed", bob.userId, undefined],
    ]);
  });

  test("a member reads what is theirs, a viewer nothing", async () => {
    const bob = await member(db, "bob", "member", "ada");
    const cleo = await member(db, "cleo", "viewer", "ada");
    await set(100 * CENT);
    await set(50 * CENT, "member", ada.userId);
    await set(50 * CENT, "member", bob.userId);
    const seen = (await bob.as.query(api.monthlyLimits.list, page)).page;
    expect(seen.map(({ subjectId }) => subjectId).toSorted()).toEqual(
      [ada.organizationId, bob.userId].toSorted(),
    );
    const of = { subject: "member", subjectId: ada.userId } as const;
    expect(await bob.as.query(api.monthlyLimits.get, of)).toBeNull();
    await expect(cleo.as.query(api.monthlyLimits.list, page)).rejects.toThrow(/member/);
    await expect(cleo.as.query(api.monthlyLimits.told, {})).rejects.toThrow(/member/);
  });

  test("nothing of another organization, of nobody, or out of bounds is taken", async () => {
    const eve = await member(db, "eve");
    const theirs = await eve.as.mutation(api.agents.create, AGENT);
    const bad: [LimitSubject, string | undefined][] = [
      ["organization", eve.organizationId],
      ["member", eve.userId],
      ["member", "nobody"],
      ["member", ada.organizationId],
      ["agent", theirs.id],
      ["api_key", ada.userId],
      ["api_key", undefined],
      ["agent", "x".repeat(5_000)],
    ];
    for (const [subject, id] of bad) await expect(set(CENT, subject, id)).rejects.toThrow();
    for (const amount of [0, -1, 9_999, 1.5, Number.NaN, 1e13, Number.POSITIVE_INFINITY])
      await expect(set(amount)).rejects.toThrow();
    await set(CENT);
    const foreign = { subject: "organization", subjectId: ada.organizationId } as const;
    expect(await eve.as.query(api.monthlyLimits.get, foreign)).toBeNull();
    expect((await eve.as.query(api.monthlyLimits.list, page)).page).toEqual([]);
    await eve.as.mutation(api.monthlyLimits.remove, foreign);
    expect(await organization()).toMatchObject({ limitMicroUsd: CENT });
  });
});

test("calls of this month from before months were added up are counted, once", async () => {
  await reserve("a");
  await record("a", 30_000);
  await db.t.run(async (ctx) => {
    for (const row of await ctx.db.query("monthlySpending").collect()) await ctx.db.delete(row._id);
    for (const row of await ctx.db.query("usageRecords").collect())
      await ctx.db.patch(row._id, { inMonth: undefined });
  });
  const { withMonthCounted } = await import("#convex/model/monthly-limits.ts");
  for (let round = 0; round < 2; round += 1)
    await db.t.run(async (ctx) => {
      for (const row of await ctx.db.query("usageRecords").collect())
        await ctx.db.patch(row._id, await withMonthCounted(ctx, row));
    });
  await set(100 * CENT);
  expect(await organization()).toMatchObject({ spentMicroUsd: 30_000 });
});
