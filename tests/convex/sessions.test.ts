import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { api, internal } from "#convex/_generated/api.js";
import type { Id } from "#convex/_generated/dataModel.js";
import { DEADLINES } from "#domain/lifecycle.ts";
import { database, type Database, member, type Member, readySession } from "./support.ts";
import { leaveFor } from "./things.ts";

let db: Database;
let ada: Member;
let sessionId: Id<"sandboxSessions">;
let generation: number;
let batch: number;

beforeEach(async () => {
  vi.useFakeTimers();
  db = database();
  ada = await member(db, "ada");
  ({ sessionId, generation } = await readySession(db, ada));
  batch = 0;
});
afterEach(() => vi.useRealTimers());

const log = async () => (await ada.as.query(api.events.list, { sessionId, after: 0, limit: 500 })).events;
const types = async () => (await log()).map((event) => event.type);
const status = async () => (await ada.as.query(api.sandboxSessions.get, { sessionId })).status;
const start = async (message: string) => await ada.as.mutation(api.runs.start, { sessionId, message });
const inbox = async () => await db.service.query(api.sessionCommands.inbox, { sessionId });

async function end(runId: Id<"runs">) {
  await db.service.mutation(api.events.append, {
    sessionId,
    generation,
    batch: ++batch,
    events: [],
    runEnd: { runId, ending: { status: "completed", output: "done", stopReason: "end_turn" } },
  });
}

async function ask(runId: Id<"runs">, key: string) {
  const more = { request: { command: "ls", $weird: { ref: 1 } } };
  await db.service.mutation(api.events.append, {
    sessionId,
    generation,
    batch: ++batch,
    events: [{ ...leaveFor(key, "ls", more), runId }],
  });
}

describe("the log", () => {
  test("numbers events without a gap, whoever writes them", async () => {
    const { runId } = await start("hello");
    await Promise.all(
      Array.from({ length: 20 }, async (_, n) =>
        n % 2 === 0
          ? await db.service.mutation(api.events.append, {
              sessionId,
              generation,
              batch: ++batch,
              cursor: n,
              events: [
                {
                  type: "llm.response.chunk",
                  source: "test",
                  payload: `{"message_id":"m","delta":"${n}"}`,
                  runId,
                },
              ],
            })
          : await db.service.mutation(api.usage.record, {
              sessionId,
              requestId: `r${n}`,
              provider: "demo",
              model: "demo",
              keySource: "platform" as const,
              inputTokens: 10,
              cachedTokens: 1,
              outputTokens: 2,
              costMicroUsd: 3,
            }),
      ),
    );
    const seqs = (await log()).map((event) => event.seq);
    expect(seqs).toEqual(seqs.map((_, index) => index + 1));
  });

  test("takes nothing from a server that has lost the lease, not even in part", async () => {
    const before = (await log()).length;
    vi.setSystemTime(Date.now() + DEADLINES.leaseMs + 1);
    expect(await db.service.mutation(api.sessionLeases.claim, { sessionId, holder: "other" })).toBe(
      generation + 1,
    );
    await expect(
      db.service.mutation(api.events.append, { sessionId, generation, batch: 1, events: [] }),
    ).rejects.toMatchObject({ data: { code: "lease_lost" } });
    await expect(db.service.mutation(api.sessionLeases.renew, { sessionId, generation })).rejects.toThrow();
    expect((await log()).length).toBe(before);
  });

  test("refuses an event that is not well formed, and keeps none of its batch", async () => {
    const before = (await log()).length;
    await expect(
      db.service.mutation(api.events.append, {
        sessionId,
        generation,
        batch: 1,
        events: [
          { type: "agent.error", source: "test", payload: '{"error":"fine"}' },
          { type: "agent.error", source: "test", payload: '{"error":7}' },
        ],
      }),
    ).rejects.toThrow(/agent.error/);
    expect((await log()).length).toBe(before);
  });

  test("stores a batch once, though its answer was lost and it is sent again", async () => {
    const args = {
      sessionId,
      generation,
      batch: 1,
      cursor: 7,
      events: [{ type: "agent.error", source: "test", payload: '{"error":"once"}' }],
    };
    const first = await db.service.mutation(api.events.append, args);
    expect(await db.service.mutation(api.events.append, args)).toEqual(first);
    expect((await types()).filter((type) => type === "agent.error")).toHaveLength(1);
  });

  test("a model call is counted once, however often it is reported", async () => {
    const call = {
      sessionId,
      requestId: "same",
      provider: "demo",
      model: "demo",
      keySource: "platform" as const,
      inputTokens: 100,
      cachedTokens: 40,
      outputTokens: 7,
      costMicroUsd: 9,
    };
    for (let n = 0; n < 3; n++) await db.service.mutation(api.usage.record, call);
    expect(await ada.as.query(api.sandboxSessions.get, { sessionId })).toMatchObject({
      totalInputTokens: 100,
      totalCachedTokens: 40,
      totalOutputTokens: 7,
      totalCostMicroUsd: 9,
    });
  });
});

describe("runs", () => {
  test("go one after the other; the first message names the session", async () => {
    const first = await start("Build the thing\nwith care");
    const second = await start("and then this");
    expect((await inbox()).queued.map(({ command }) => command.kind)).toEqual(["prompt"]);
    expect(await status()).toBe("active");
    await end(first.runId);
    expect(await ada.as.query(api.runs.get, { runId: second.runId })).toMatchObject({ status: "running" });
    await end(second.runId);
    expect(await status()).toBe("idle");
    expect((await ada.as.query(api.sandboxSessions.get, { sessionId })).title).toBe("Build the thing");
    expect((await types()).filter((type) => type.startsWith("run."))).toEqual([
      "run.started",
      "run.queued",
      "run.completed",
      "run.started",
      "run.completed",
    ]);
  });

  test("end once: a second end changes nothing", async () => {
    const { runId } = await start("hello");
    await end(runId);
    const before = (await log()).length;
    await end(runId);
    expect((await log()).length).toBe(before);
  });

  test("a command is marked before it is sent, and nobody sends it again", async () => {
    await start("hello");
    const commandId = (await inbox()).queued[0]!.id;
    const mark = async (by: number) =>
      await db.service.mutation(api.sessionCommands.markSending, { commandId, generation: by });
    // Whoever marked it may ask again: the first answer may have been lost.
    expect([await mark(generation), await mark(generation)]).toEqual([true, true]);
    vi.setSystemTime(Date.now() + DEADLINES.leaseMs + 1);
    const next = await db.service.mutation(api.sessionLeases.claim, { sessionId, holder: "other" });
    expect(await mark(next ?? 0)).toBe(false);
    await expect(mark(generation)).rejects.toMatchObject({ data: { code: "lease_lost" } });
  });

  test("a waiting run is taken back at once, the running one by the agent", async () => {
    const first = await start("one");
    const second = await start("two");
    await ada.as.mutation(api.runs.cancel, { sessionId, runId: second.runId });
    expect(await ada.as.query(api.runs.get, { runId: second.runId })).toMatchObject({ status: "cancelled" });
    await ada.as.mutation(api.runs.cancel, { sessionId });
    expect(await ada.as.query(api.runs.get, { runId: first.runId })).toMatchObject({ status: "running" });
    expect((await inbox()).queued.map(({ command }) => command.kind)).toEqual(["prompt", "cancel"]);
  });

  test("past its time a run is failed, and the session goes on", async () => {
    const { runId } = await start("slow");
    vi.setSystemTime(Date.now() + DEADLINES.runMs + 1);
    expect((await db.service.query(api.due.late, { now: Date.now() })).items).toMatchObject([{ sessionId }]);
    await db.service.mutation(api.sandboxSessions.expire, { sessionId });
    expect(await ada.as.query(api.runs.get, { runId })).toMatchObject({
      status: "failed",
      errorKind: "timeout",
    });
    expect(await status()).toBe("idle");
  });
});

describe("approvals", () => {
  test("are decided once: the first wins, the other is told who", async () => {
    const { runId } = await start("hello");
    await ask(runId, "a");
    const bob = await member(db, "bob", "member", "ada");
    await bob.as.mutation(api.approvals.decide, { runId, key: "a", decision: "denied" });
    await expect(
      ada.as.mutation(api.approvals.decide, { runId, key: "a", decision: "approved" }),
    ).rejects.toMatchObject({
      data: { code: "already_decided", message: expect.stringContaining("already denied by bob") },
    });
    const answers = (await inbox()).queued.filter(({ command }) => command.kind === "decision");
    expect(answers.map(({ command }) => command)).toMatchObject([{ rpcId: '"a"', optionId: "reject" }]);
  });

  test("without an answer in time they are denied, where the organization has it so", async () => {
    await ada.as.mutation(api.organizationSettings.set, { approval_deadline_action: "deny" });
    const { runId } = await start("hello");
    await ask(runId, "a");
    expect(await ada.as.query(api.approvals.pending, { runId })).toHaveLength(1);
    vi.advanceTimersByTime(DEADLINES.approvalMs + 1);
    await db.t.finishInProgressScheduledFunctions();
    expect(await ada.as.query(api.approvals.pending, { runId })).toEqual([]);
    const decided = (await log()).find((event) => event.type === "approval.decided");
    expect(JSON.parse(decided?.payload ?? "{}")).toMatchObject({ decision: "denied", reason: "timeout" });
  });

  test("the session says that it waits, and for how many", async () => {
    const { runId } = await start("hello");
    await ask(runId, "a");
    await ask(runId, "b");
    const waiting = async () => (await ada.as.query(api.sandboxSessions.get, { sessionId })).waitingFor;
    expect(await waiting()).toBe("approval");
    await ada.as.mutation(api.approvals.decide, { runId, key: "a", decision: "approved" });
    expect(await waiting()).toBe("approval");
    await ada.as.mutation(api.approvals.decide, { runId, key: "b", decision: "approved" });
    expect(await waiting()).toBeNull();
  });

  test("end with their run", async () => {
    const { runId } = await start("hello");
    await ask(runId, "a");
    await end(runId);
    expect(await ada.as.query(api.approvals.pending, { runId })).toEqual([]);
    await expect(
      ada.as.mutation(api.approvals.decide, { runId, key: "a", decision: "approved" }),
    ).rejects.toMatchObject({ data: { code: "already_decided" } });
  });
});

describe("the end", () => {
  test("stopping ends runs, approvals and keys, and asks for the sandbox's end until it is done", async () => {
    await db.service.mutation(api.apiKeys.createForSandbox, {
      sessionId,
      generation,
      keys: [
        { kind: "gateway", hash: "g", last4: "gggg" },
        { kind: "sync", hash: "s", last4: "ssss" },
      ],
    });
    expect(await db.service.query(api.apiKeys.gatewaySession, { hash: "g" })).toMatchObject({ sessionId });
    expect(await db.t.query(internal.sync.organization, { keyHash: "s" })).toMatchObject({
      environment: "development",
    });
    const first = await start("one");
    const second = await start("two");
    await ask(first.runId, "a");
    await ada.as.mutation(api.sandboxSessions.stop, { sessionId });
    for (const { runId } of [first, second])
      expect(await ada.as.query(api.runs.get, { runId })).toMatchObject({ status: "cancelled" });
    expect(await db.service.query(api.apiKeys.gatewaySession, { hash: "g" })).toBeNull();
    expect(await db.t.query(internal.sync.organization, { keyHash: "s" })).toBeNull();
    expect((await inbox()).queued).toEqual([]);
    const { items: cleanup } = await db.service.query(api.due.cleanup, {});
    expect(cleanup).toMatchObject([{ sessionId, sandboxId: "sandbox-1" }]);
    await db.service.mutation(api.sandboxSessions.cleanedUp, { sessionId });
    expect((await db.service.query(api.due.cleanup, {})).items).toEqual([]);
    expect((await types()).at(-1)).toBe("session.ended");
    // Its sandbox is gone: a message has it go on in another one.
    expect(await start("more")).toMatchObject({ provisioning: true });
    expect((await types()).slice(-4)).toEqual([
      "session.resumed",
      "session.status",
      "message.user",
      "run.queued",
    ]);
  });

  test("SPEC-3, BUG-B3: a run that a person has stopped ends as stopped, whatever the agent answers", async () => {
    const { runId } = await start("one");
    await ada.as.mutation(api.runs.cancel, { sessionId });
    await db.service.mutation(api.events.append, {
      sessionId,
      generation,
      batch: 1,
      events: [],
      runEnd: { runId, ending: { status: "completed", output: "all of it", stopReason: "end_turn" } },
    });
    expect(await ada.as.query(api.runs.get, { runId })).toMatchObject({ status: "cancelled" });
    expect((await types()).filter((type) => type.startsWith("run."))).toEqual([
      "run.started",
      "run.cancelled",
    ]);
  });

  test("nothing happening for long enough stops the session", async () => {
    vi.setSystemTime(Date.now() + DEADLINES.idleMs - 1000);
    await ada.as.mutation(api.sandboxSessions.keepalive, { sessionId });
    vi.setSystemTime(Date.now() + 2000);
    expect((await db.service.query(api.due.late, { now: Date.now() })).items).toEqual([]);
    vi.setSystemTime(Date.now() + DEADLINES.idleMs);
    await db.service.mutation(api.sandboxSessions.expire, { sessionId });
    expect(await status()).toBe("stopped");
  });

  test("a server that has lost the session cannot end it, nor put another sandbox into it", async () => {
    vi.setSystemTime(Date.now() + DEADLINES.leaseMs + 1);
    await db.service.mutation(api.sessionLeases.claim, { sessionId, holder: "other" });
    const lost = { data: { code: "lease_lost" } };
    const ending = { sessionId, generation, error: "It cannot be reached.", errorKind: "sandbox_lost" };
    await expect(db.service.mutation(api.sandboxSessions.fail, ending)).rejects.toMatchObject(lost);
    const other = { sessionId, generation, sandboxId: "other" };
    await expect(db.service.mutation(api.sandboxSessions.attachSandbox, other)).rejects.toMatchObject(lost);
    expect(await status()).toBe("ready");
  });

  test("what a session ended with is kept without secrets", async () => {
    const error = `It printed sk_studio_${"a1B2".repeat(11).slice(1)}.`;
    const ending = { sessionId, generation, error, errorKind: "sandbox_lost" };
    await db.service.mutation(api.sandboxSessions.fail, ending);
    const { errorMessage } = await ada.as.query(api.sandboxSessions.get, { sessionId });
    expect(errorMessage).toBe("It printed sk_studio_….");
    expect(JSON.stringify(await log())).not.toContain("a1B2a1B2");
  });

  test("a sandbox that comes too late is not left behind", async () => {
    await ada.as.mutation(api.sandboxSessions.stop, { sessionId });
    await db.service.mutation(api.sandboxSessions.cleanedUp, { sessionId });
    expect(
      await db.service.mutation(api.sandboxSessions.attachSandbox, {
        sessionId,
        generation,
        sandboxId: "late",
      }),
    ).toEqual({ live: false });
    const { items: cleanup } = await db.service.query(api.due.cleanup, {});
    expect(cleanup).toMatchObject([{ sessionId, sandboxId: "late" }]);
  });
});

test("a sandbox is an orphan where no live session holds it", async () => {
  const db = database();
  const ada = await member(db, "ada");
  const { sessionId } = await readySession(db, ada);
  const orphans = async () =>
    await db.service.query(api.warmSandboxes.orphans, {
      sandboxIds: ["sandbox-1", "sandbox-2"],
    });
  expect(await orphans()).toEqual(["sandbox-2"]);
  await ada.as.mutation(api.sandboxSessions.stop, { sessionId });
  expect(await orphans(), "its end is still to be seen to").toEqual(["sandbox-2"]);
  await db.service.mutation(api.sandboxSessions.cleanedUp, { sessionId });
  expect(await orphans()).toEqual(["sandbox-1", "sandbox-2"]);
});
