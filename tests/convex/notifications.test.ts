import { beforeEach, describe, expect, test, vi } from "vitest";
import { api, internal } from "#convex/_generated/api.js";
import type { Id } from "#convex/_generated/dataModel.js";
import { DEFAULT_CHANNELS, NOTIFICATION_LIMITS } from "#domain/notifications.ts";
import { freshSession, generation, sessionId } from "./ready-session.ts";
import { external, member, type Member, settle } from "./support.ts";
import { ada, db } from "./world.ts";

freshSession();

let bob: Member;
let runId: Id<"runs">;
let batch: number;

beforeEach(async () => {
  bob = await member(db, "bob", "member", "ada");
  ({ runId } = await ada.as.mutation(api.runs.start, { sessionId, message: "hi" }));
  batch = 0;
});

const first = { paginationOpts: { numItems: 50, cursor: null } };
const told = async (who: Member) => (await who.as.query(api.notifications.list, first)).page;
const kinds = async (who: Member) => (await told(who)).map(({ kind }) => kind);
const counts = async (who: Member) => await who.as.query(api.notifications.counts, {});

async function say(event: Record<string, unknown>, more: object = {}): Promise<void> {
  batch += 1;
  const events = [event] as never;
  await db.service.mutation(api.events.append, { sessionId, generation, batch, events, ...more });
}

async function ask(key: string, more: object = {}): Promise<void> {
  const payload = JSON.stringify({
    approval_key: key,
    tool: "bash",
    tool_call_id: `call-${key}`,
    kind: "execute",
    summary: `Run ${key}`,
    request: { command: "npm test" },
    expires_at: Date.now() + 600_000,
    ...more,
  });
  await say({ type: "approval.requested", source: "agent.permission", payload, runId, rpcId: `"${key}"` });
}

async function question(key: string): Promise<void> {
  const questions = [{ question: "Which?", header: "", options: [], multiple: false, custom: true }];
  const expires_at = Date.now() + 600_000;
  const payload = JSON.stringify({ question_key: key, tool_call_id: `call-${key}`, questions, expires_at });
  await say({ type: "question.requested", source: "agent.question", payload, runId, rpcId: key });
}

async function end(ending: object): Promise<void> {
  batch += 1;
  await db.service.mutation(api.events.append, {
    sessionId,
    generation,
    batch,
    events: [],
    runEnd: { runId, ending } as never,
  });
}

const choose = async (who: Member, allSessions: boolean, channels: object = {}) =>
  await who.as.mutation(api.notifications.setSettings, {
    channels: { ...DEFAULT_CHANNELS, ...channels },
    allSessions,
  });
const developmentNeeds = async (need: object) =>
  await ada.as.mutation(api.organizationSettings.set, {
    approvers: [
      {
        environment: "development",
        kind: "run",
        role: "member",
        someone_else: false,
        someone_else_minutes: null,
        ...need,
      },
    ],
  });

describe("what waits for an answer", () => {
  test("is told to who follows the session, and nobody else, and is over at the answer", async () => {
    await ask("a");
    await question("q");
    expect(await told(ada)).toMatchObject([
      { kind: "question", sessionId, runId, key: "q", text: "Which?", readAt: null, goneAt: null },
      { kind: "approval", sessionId, runId, key: "a", text: "Run a", readAt: null, goneAt: null },
    ]);
    expect(await told(bob)).toEqual([]);
    expect(await counts(ada)).toEqual({ unread: 2, waiting: 2 });
    await bob.as.mutation(api.approvals.decide, { runId, key: "a", decision: "approved" });
    expect(await counts(ada)).toEqual({ unread: 1, waiting: 1 });
    await ada.as.mutation(api.questions.answer, { within: { runId }, key: "q", answers: null });
    expect(await counts(ada)).toEqual({ unread: 0, waiting: 0 });
    expect((await told(ada)).every(({ goneAt }) => goneAt !== null)).toBe(true);
  });

  test("is over at the end of its run, and stays waiting when it was only read", async () => {
    await ask("a");
    await ada.as.mutation(api.notifications.readAll, {});
    expect(await counts(ada)).toEqual({ unread: 0, waiting: 1 });
    await end({ status: "failed", error: "It broke.\nSee the log.", errorKind: "agent" });
    expect(await counts(ada)).toEqual({ unread: 1, waiting: 0 });
    expect((await told(ada))[0]).toMatchObject({ kind: "failed", text: "It broke." });
  });

  test("is not told where a rule answers it", async () => {
    await ada.as.mutation(api.approvalRules.create, {
      environment: "development",
      name: "tests",
      pattern: "builtin:shell:npm test",
      action: "auto_approve",
      priority: 1,
      enabled: true,
      scope: "environment",
    } as never);
    await ask("a");
    expect((await ada.as.query(api.approvals.ofRun, { runId }))[0]?.decision).toBe("approved");
    expect(await told(ada)).toEqual([]);
  });

  test("is told to those who chose all sessions, if they may answer it", async () => {
    const eve = await member(db, "eve", "viewer", "ada");
    await choose(bob, true);
    await choose(eve, true);
    await ask("a");
    expect(await kinds(bob)).toEqual(["approval"]);
    expect(await kinds(eve)).toEqual([]);
    await developmentNeeds({ role: "admin" });
    await ask("b");
    expect(await kinds(bob)).toEqual(["approval"]);
    expect(await kinds(ada)).toEqual(["approval", "approval"]);
  });

  test("comes to everybody who may answer where none who follows it may", async () => {
    await developmentNeeds({ someone_else: true });
    await ask("a");
    expect(await kinds(ada)).toEqual([]);
    expect(await kinds(bob)).toEqual(["approval"]);
  });

  test("is told once, however often a server says it", async () => {
    await ask("a");
    await ask("a");
    expect(await kinds(ada)).toEqual(["approval"]);
  });
});

test("a run's end is told to who sent its message, its secrets covered, in one short line", async () => {
  const carl = await member(db, "carl", "admin", "ada");
  const next = await carl.as.mutation(api.runs.start, { sessionId, message: "next" });
  const secret = `sk_studio_${"a".repeat(43)}`;
  await end({ status: "completed", output: `${secret} ${"x".repeat(5_000)}`, stopReason: "end_turn" });
  const [only, ...rest] = await told(ada);
  expect(rest).toEqual([]);
  expect(only).toMatchObject({ kind: "finished", runId });
  expect(only?.text).not.toContain(secret);
  expect(only?.text.length).toBeLessThanOrEqual(NOTIFICATION_LIMITS.textChars);
  expect(await told(carl)).toEqual([]);
  ({ runId } = next);
  await end({ status: "completed", output: "Done.", stopReason: "end_turn" });
  expect(await told(carl)).toMatchObject([{ kind: "finished", text: "Done.", runId }]);
});

test("what a person has stopped is no news", async () => {
  await ada.as.mutation(api.runs.cancel, { sessionId, runId });
  await end({ status: "completed", output: "", stopReason: "cancelled" });
  expect(await told(ada)).toEqual([]);
});

test("each kind comes by the ways that its person has chosen", async () => {
  await choose(ada, false, { approval: ["browser", "browser"], question: [], finished: ["page"] });
  expect((await ada.as.query(api.notifications.settings, {})).channels.approval).toEqual(["browser"]);
  await ask("a");
  await question("q");
  expect(await told(ada)).toEqual([]);
  expect(await counts(ada)).toEqual({ unread: 0, waiting: 0 });
  const shown = await ada.as.query(api.notifications.forBrowser, {});
  expect(shown.map(({ kind }) => kind)).toEqual(["approval"]);
  await ada.as.mutation(api.notifications.readAll, {});
  expect(await ada.as.query(api.notifications.forBrowser, {})).toEqual([]);
});

test("a choice holds nothing but known ways, each once", async () => {
  const set = async (approval: unknown) => await choose(ada, false, { approval });
  await expect(set(["pigeon"])).rejects.toThrow();
  await expect(set(Array.from({ length: 1_000 }, () => "page"))).rejects.toThrow("items");
});

describe("another's notifications", () => {
  test("are neither seen nor read by a member, or by another organization", async () => {
    await ask("a");
    const id = (await told(ada))[0]!.id;
    const zoe = await member(db, "zoe");
    for (const other of [bob, zoe]) {
      expect(await told(other)).toEqual([]);
      await expect(other.as.mutation(api.notifications.read, { notificationId: id })).rejects.toThrow(
        "notification",
      );
      await other.as.mutation(api.notifications.readAll, {});
    }
    expect((await told(ada))[0]?.readAt).toBeNull();
    await ada.as.mutation(api.notifications.read, { notificationId: id });
    expect((await told(ada))[0]?.readAt).toEqual(expect.any(Number));
  });

  test("are gone for who has left the organization", async () => {
    vi.useFakeTimers();
    await choose(bob, true);
    await ask("a");
    await db.service.mutation(api.identity.removeMember, external("bob", "ada"));
    await ask("b");
    await settle(db, 5);
    vi.useRealTimers();
    const left = await db.t.run(async (ctx) => [
      ...(await ctx.db.query("notifications").collect()),
      ...(await ctx.db.query("notificationChoices").collect()),
    ]);
    expect(left.filter(({ userId }) => userId === bob.userId)).toEqual([]);
    expect(left).toHaveLength(2);
  });
});

test("a person keeps the last of them, and none for longer than a month", async () => {
  const { organizationId, userId } = ada;
  await db.t.run(async (ctx) => {
    for (let place = 1; place <= NOTIFICATION_LIMITS.kept; place += 1)
      await ctx.db.insert("notifications", {
        organizationId,
        userId,
        sessionId,
        kind: "finished",
        title: "t",
        text: "",
        inPage: true,
        inBrowser: false,
        place,
      });
  });
  await ask("a");
  const places = async () =>
    await db.t.run(async (ctx) => (await ctx.db.query("notifications").collect()).map(({ place }) => place));
  expect(await places()).toHaveLength(NOTIFICATION_LIMITS.kept);
  expect(await places()).not.toContain(1);
  expect((await counts(ada)).unread).toBe(NOTIFICATION_LIMITS.counted + 1);
  vi.useFakeTimers({ now: Date.now() + NOTIFICATION_LIMITS.keptMs + 1_000 });
  await db.t.mutation(internal.sweeps.spent, {});
  await settle(db, 5);
  vi.useRealTimers();
  expect(await places()).toEqual([]);
});

test("a cap's warning is told to those who work in the session", async () => {
  const { notifyBudget } = await import("#convex/model/run-news.ts");
  const { SessionWriter } = await import("#convex/model/session-writer.ts");
  await db.t.run(async (ctx) => {
    const writer = await SessionWriter.open(ctx, sessionId);
    const run = await ctx.db.get(runId);
    await notifyBudget(writer, run, { scope: "session", percent: 80 });
    await notifyBudget(writer, run, { scope: "member", subjectId: bob.userId, percent: 100 });
  });
  expect((await told(ada)).map(({ text }) => text)).toEqual([
    "A member’s monthly limit is reached.",
    "80 % of the session’s budget is spent.",
  ]);
  expect(await kinds(bob)).toEqual(["budget"]);
});
