import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { api } from "#convex/_generated/api.js";
import type { Id } from "#convex/_generated/dataModel.js";
import { type Database, database, member, type Member, readySession, settle } from "./support.ts";

const operator = { by: "op@studio.example", via: "page" as const };
const REASON = "An invoice is overdue.";

let db: Database;
let ada: Member;
let bob: Member;
let sessionId: Id<"sandboxSessions">;
let generation: number;

beforeEach(async () => {
  vi.useFakeTimers();
  db = database();
  ada = await member(db, "ada");
  bob = await member(db, "bob");
  ({ sessionId, generation } = await readySession(db, ada));
});
afterEach(() => void vi.useRealTimers());

const freeze = async (organization: string = ada.organizationId) =>
  await db.service.mutation(api.freezes.freeze, { operator, organization, reason: REASON });
const thaw = async () =>
  await db.service.mutation(api.freezes.thaw, {
    operator,
    organization: ada.organizationId,
    reason: "It was paid.",
  });
const session = async () => await ada.as.query(api.sandboxSessions.get, { sessionId });
const expire = async () => await db.service.mutation(api.sandboxSessions.expire, { sessionId });
const start = async (message = "hi") => await ada.as.mutation(api.runs.start, { sessionId, message });
const frozen = { data: { code: "forbidden", kind: "organization_frozen" } };
const create = async (who: Member) =>
  await who.by.mutation(api.sandboxSessions.create, {
    environment: "development",
    provider: "demo",
    model: "demo",
    keySource: "platform",
    title: "New session",
  });
const reserve = async (requestId: string) =>
  await db.service.mutation(api.usage.reserve, {
    sessionId,
    requestId,
    keySource: "direct",
    inputMicroUsd: 1,
    outputMicroUsdPerMillion: 1,
    maxOutputTokens: 2_000,
  });
const audits = async () => ({
  own: (await db.service.query(api.operatorReports.audit, { paginationOpts: { numItems: 20, cursor: null } }))
    .page,
  theirs: (await ada.as.query(api.audit.list, { paginationOpts: { numItems: 20, cursor: null } })).page,
});

test("a frozen organization begins nothing, reads everything, and goes on once it is thawed", async () => {
  await freeze();
  await expect(start()).rejects.toMatchObject(frozen);
  await expect(create(ada)).rejects.toMatchObject(frozen);
  await expect(
    ada.by.mutation(api.directTools.begin, { sessionId, commandId: "c", command: "ls" }),
  ).rejects.toMatchObject(frozen);
  await expect(
    ada.as.query(api.directTools.mayUseFile, { sessionId, action: "read", path: "a.txt" }),
  ).rejects.toMatchObject(frozen);
  expect(await reserve("r1")).toEqual({ ok: false, reason: "frozen" });
  await expect(
    ada.by.mutation(api.completions.reserve, {
      purpose: "chat",
      requestId: "r2",
      keySource: "direct",
      inputMicroUsd: 1,
      maxInputMicroUsd: 1,
      outputMicroUsdPerMillion: 1,
      maxOutputTokens: 2_000,
    }),
  ).resolves.toEqual({ ok: false, reason: "frozen" });
  expect(await ada.as.query(api.freezes.told, {})).toMatchObject({ reason: REASON });
  expect((await ada.as.query(api.events.list, { sessionId, after: 0, limit: 50 })).events).not.toEqual([]);
  // Nobody else is.
  await create(bob);
  expect(await bob.as.query(api.freezes.told, {})).toBeNull();

  await settle(db, 2);
  await expire();
  expect(await session()).toMatchObject({ status: "stopped" });
  await expect(start(), "also while its work is saved").rejects.toMatchObject(frozen);
  await db.service.mutation(api.sandboxSessions.cleanedUp, { sessionId });
  await expect(start()).rejects.toMatchObject(frozen);
  await thaw();
  await start();
  expect(await session()).toMatchObject({ status: "provisioning" });
  expect(await ada.as.query(api.freezes.told, {})).toBeNull();
});

test("a turn at work is cancelled, and its session stops once it is over", async () => {
  await start();
  await start("and then this");
  await freeze();
  await settle(db, 2);
  const { queued } = await db.service.query(api.sessionCommands.inbox, { sessionId });
  expect(queued.map(({ command }) => command.kind)).toContain("cancel");
  // The agent at work is refused its next call, without a wait for credits.
  expect(await reserve("r1")).toEqual({ ok: false, reason: "frozen" });
  expect(await session()).toMatchObject({ status: "active", waitingFor: null });
  const [run] = await db.t.run(
    async (ctx) =>
      await ctx.db
        .query("runs")
        .withIndex("by_session_status", (q) => q.eq("sessionId", sessionId).eq("status", "running"))
        .collect(),
  );
  await db.service.mutation(api.events.append, {
    sessionId,
    generation,
    batch: 1,
    events: [],
    runEnd: { runId: run!._id, ending: { status: "cancelled", message: "The run was stopped." } },
  });
  // What waits is not begun; the session is due to be saved and stopped.
  expect(await session()).toMatchObject({ status: "idle" });
  const { items } = await db.service.query(api.due.late, { now: Date.now() });
  expect(items).toMatchObject([{ sessionId, isIdle: true }]);
  await expire();
  expect(await session()).toMatchObject({ status: "stopped" });
});

test("one that is thawed before its session has stopped goes on", async () => {
  await freeze();
  await settle(db, 2);
  await thaw();
  await expire();
  expect(await session()).toMatchObject({ status: "ready" });
  await start();
  expect(await session()).toMatchObject({ status: "active" });
});

test("a second freeze changes nothing, and neither does a thaw of what is not frozen", async () => {
  await expect(thaw()).rejects.toMatchObject({ data: { kind: "organization_not_frozen" } });
  const both = await Promise.allSettled([freeze(), freeze("ada")]);
  expect(both.map(({ status }) => status).toSorted()).toEqual(["fulfilled", "rejected"]);
  const { own, theirs } = await audits();
  expect(own).toMatchObject([{ action: "freeze", by: operator.by, reason: REASON, slug: "ada" }]);
  expect(theirs.filter(({ action }) => action === "organization.frozen")).toMatchObject([
    { actor: { kind: "operator", label: "operator console" } },
  ]);
  expect(JSON.stringify(theirs)).not.toContain(operator.by);
});

test("without a reason nothing is done", async () => {
  for (const reason of ["", "   ", "x".repeat(501)])
    await expect(
      db.service.mutation(api.freezes.freeze, { operator, organization: "ada", reason }),
    ).rejects.toMatchObject({ data: { code: "invalid_request" } });
  expect((await audits()).own).toEqual([]);
});

describe("an operator's act", () => {
  test("is no member's to call, whatever they say of themselves", async () => {
    const acts = await Promise.allSettled([
      ada.as.mutation(api.freezes.freeze, { operator, organization: "bob", reason: REASON }),
      ada.as.mutation(api.credits.adjust, {
        operator,
        organization: "ada",
        key: "k",
        amountMicroUsd: 1_000_000,
        reason: REASON,
      }),
      ada.as.mutation(api.operatorSessions.end, { operator, sessionId, reason: REASON }),
      ada.as.query(api.operatorReports.organizations, { paginationOpts: { numItems: 5, cursor: null } }),
    ]);
    for (const act of acts)
      expect(act).toMatchObject({ status: "rejected", reason: { data: { kind: "servers_only" } } });
  });

  test("ends a session, in both audits", async () => {
    const end = async () =>
      await db.service.mutation(api.operatorSessions.end, { operator, sessionId, reason: REASON });
    await end();
    expect(await session()).toMatchObject({ status: "stopped" });
    await expect(end()).rejects.toMatchObject({ data: { kind: "operator_session_ended" } });
    const { own, theirs } = await audits();
    expect(own).toMatchObject([{ action: "end_session", target: sessionId }]);
    expect(theirs).toContainEqual(expect.objectContaining({ action: "session.ended", target: sessionId }));
  });

  test("gives credits once for each key, and takes them back", async () => {
    const adjust = async (key: string, amountMicroUsd: number) =>
      await db.service.mutation(api.credits.adjust, {
        operator,
        organization: "ada",
        key,
        amountMicroUsd,
        reason: REASON,
      });
    await adjust("a", 5_000_000);
    expect(await adjust("a", 5_000_000)).toMatchObject({ balanceMicroUsd: 5_000_000 });
    expect(await adjust("b", -2_000_000)).toMatchObject({ balanceMicroUsd: 3_000_000 });
    await expect(adjust("c", 0)).rejects.toMatchObject({ data: { kind: "grant_amount" } });
    const { page } = await ada.as.query(api.credits.ledger, {
      paginationOpts: { numItems: 5, cursor: null },
    });
    expect(page).toMatchObject([
      { kind: "adjustment", deltaMicroUsd: -2_000_000, description: REASON },
      { kind: "grant", deltaMicroUsd: 5_000_000, description: REASON },
    ]);
    const { own, theirs } = await audits();
    expect(own.map(({ amountMicroUsd }) => amountMicroUsd)).toEqual([-2_000_000, 5_000_000]);
    expect(theirs.map(({ action }) => action)).toEqual(
      expect.arrayContaining(["credits.adjusted", "credits.granted"]),
    );
  });
});

test("the reports show what is live and why it waits, and nothing of what is in it", async () => {
  await ada.as.mutation(api.runs.start, { sessionId, message: "a secret plan" });
  const paginationOpts = { numItems: 5, cursor: null };
  const all = await db.service.query(api.operatorReports.organizations, { paginationOpts });
  expect(all.page.map(({ slug }) => slug)).toEqual(["bob", "ada"]);
  const some = await db.service.query(api.operatorReports.search, { text: "ad" });
  expect(some.organizations).toMatchObject([
    { slug: "ada", members: { count: 1, isMore: false }, live: { count: 1, isMore: false }, frozen: null },
  ]);
  const live = await db.service.query(api.operatorReports.sessions, {
    organization: "ada",
    status: "active",
    paginationOpts,
  });
  expect(live.page).toMatchObject([{ id: sessionId, cause: "The agent is working" }]);
  expect(JSON.stringify(live)).not.toContain("secret plan");
  const { organization, days } = await db.service.query(api.operatorReports.organization, {
    organization: "ada",
  });
  expect({ slug: organization.slug, days }).toEqual({ slug: "ada", days: [] });
});

test("failures are counted by kind, and people who came by day", async () => {
  await start();
  // A message that was never sent would go on in another sandbox.
  const { queued } = await db.service.query(api.sessionCommands.inbox, { sessionId });
  const sent = { commandId: queued[0]!.id, generation };
  await db.service.mutation(api.sessionCommands.markSending, sent);
  await db.service.mutation(api.sandboxSessions.fail, {
    sessionId,
    generation,
    error: "It is gone.",
    errorKind: "sandbox_lost",
  });
  const { failures, signUps, queues } = await db.service.query(api.operatorReports.overview, {
    now: Date.now(),
  });
  expect(failures).toEqual(
    expect.arrayContaining([
      { of: "run", kind: "sandbox_lost", count: 1 },
      { of: "session", kind: "sandbox_lost", count: 1 },
    ]),
  );
  expect(signUps).toEqual([{ day: new Date().toISOString().slice(0, 10), people: 2 }]);
  expect(queues).toContainEqual({ name: "sandboxes_to_end", count: 1, isMore: false });
});
