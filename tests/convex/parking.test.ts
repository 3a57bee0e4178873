import { beforeEach, describe, expect, test } from "vitest";
import { api, internal } from "#convex/_generated/api.js";
import type { Id } from "#convex/_generated/dataModel.js";
import { freshSession, generation, sessionId } from "./ready-session.ts";
import { hashOf, member } from "./support.ts";
import { leaveFor, questionOf } from "./things.ts";
import { ada, db } from "./world.ts";

freshSession();

let runId: Id<"runs">;
let batch: number;
let held: number;

beforeEach(async () => {
  ({ runId } = await ada.as.mutation(api.runs.start, { sessionId, message: "hi" }));
  batch = 0;
  held = generation;
});

async function append(event: object & { type: string; source: string; payload: string }): Promise<void> {
  batch += 1;
  const events = [{ ...event, runId }];
  await db.service.mutation(api.events.append, { sessionId, generation: held, batch, events });
}
const expires_at = 0;
const ask = async (key: string, command = "npm test", more: object = {}) =>
  await append(leaveFor(key, command, { expires_at, ...more }));
const question = async (key: string) => await append(questionOf(key, { expires_at }));

const session = async () => await ada.as.query(api.sandboxSessions.get, { sessionId });
const run = async () => await ada.as.query(api.runs.get, { runId });
const stored = async () => (await db.service.query(api.sandboxSessions.forServer, { sessionId })).session;
const late = async () =>
  (await db.service.query(api.due.late, { now: Date.now() + 1 })).items.filter(
    (item) => item.sessionId === sessionId,
  );
const pending = async () => (await ada.as.query(api.approvals.pending, { runId })).map(({ key }) => key);
const types = async () =>
  (await ada.as.query(api.events.list, { sessionId, after: 0, limit: 200 })).events.map(({ type }) => type);
const prompts = async () =>
  (await db.service.query(api.sessionCommands.inbox, { sessionId })).queued.flatMap(({ command }) =>
    command.kind === "prompt" ? [command.text] : [],
  );

/** Nobody has answered a request in time. */
async function silence(): Promise<void> {
  const ids = await db.t.run(async (ctx) => ({
    approvals: (await ctx.db.query("approvals").collect()).map(({ _id }) => _id),
    questions: (await ctx.db.query("questions").collect()).map(({ _id }) => _id),
  }));
  for (const approvalId of ids.approvals) await db.t.mutation(internal.approvals.expire, { approvalId });
  for (const questionId of ids.questions) await db.t.mutation(internal.questions.expire, { questionId });
}
/** What a server's sweep does, once it has saved the session's work. */
async function park(): Promise<void> {
  await silence();
  expect(await late()).toMatchObject([{ isParking: true, isIdle: false }]);
  await db.service.mutation(api.sandboxSessions.expire, { sessionId });
  await db.service.mutation(api.sandboxSessions.cleanedUp, { sessionId });
}
/** What a server does with a session that goes on. */
async function provision(): Promise<void> {
  expect((await session()).status).toBe("provisioning");
  const claimed = await db.service.mutation(api.sessionLeases.claim, { sessionId, holder: "test" });
  held = claimed!;
  batch = 0;
  const attach = { sessionId, generation: held, sandboxId: "sandbox-2" };
  await db.service.mutation(api.sandboxSessions.attachSandbox, attach);
  await db.service.mutation(api.sandboxSessions.finishProvisioning, {
    sessionId,
    generation: held,
    agentSessionId: "agent-1",
    acpServerId: "acp-2",
    durationMs: 5,
    restored: { checkpointId: null, history: "kept" },
  });
}

describe("a request that nobody answers", () => {
  test("parks the session of a person's run, which stays open; the answer has it go on", async () => {
    await ask("a");
    await park();
    expect(await session()).toMatchObject({ status: "stopped", waitingFor: "approval" });
    expect(await run()).toMatchObject({ status: "pending" });
    expect(await pending()).toEqual(["a"]);
    expect((await types()).slice(-3)).toEqual(["run.parked", "session.status", "session.ended"]);
    expect((await ada.as.query(api.approvals.waiting, {})).count).toBe(1);
    // Its deadline has no say any more.
    await silence();
    expect(await pending()).toEqual(["a"]);

    const answer = await ada.as.mutation(api.approvals.decide, { runId, key: "a", decision: "approved" });
    expect(answer).toEqual({ sessionId, provisioning: true });
    await provision();
    expect(await run()).toMatchObject({ status: "running" });
    expect(await session()).toMatchObject({ status: "active", waitingFor: null });
    const [text] = await prompts();
    expect(text).toContain("Run npm test");
    expect(text).toContain("a person has allowed it");
    // The agent asks for the same again, and has the answer already; once.
    await ask("again");
    expect(await pending()).toEqual([]);
    await ask("more");
    expect(await pending()).toEqual(["more"]);
  });

  test("parks at once where the organization is frozen; no answer has it go on before it is thawed", async () => {
    await ask("a");
    const act = {
      operator: { by: "op@studio.example", via: "page" as const },
      organization: "ada",
      reason: "R.",
    };
    await db.service.mutation(api.freezes.freeze, act);
    await db.t.mutation(internal.freezes.stopSession, { sessionId });
    expect(await late()).toMatchObject([{ isParking: true }]);
    await db.service.mutation(api.sandboxSessions.expire, { sessionId });
    await db.service.mutation(api.sandboxSessions.cleanedUp, { sessionId });
    expect(await session()).toMatchObject({ status: "stopped", waitingFor: "approval" });
    const answer = async () =>
      await ada.as.mutation(api.approvals.decide, { runId, key: "a", decision: "approved" });
    await expect(answer()).rejects.toMatchObject({ data: { kind: "organization_frozen" } });
    expect(await pending()).toEqual(["a"]);
    await db.service.mutation(api.freezes.thaw, act);
    expect(await answer()).toEqual({ sessionId, provisioning: true });
  });

  test("what is asked again otherwise is another request: the answer does not reach it", async () => {
    const edit = (text: string) => ({
      tool: "edit",
      kind: "edit",
      request: { filePath: "/workspace/a.ts" },
      diff: { path: "/workspace/a.ts", old_text: "", new_text: text },
    });
    await ask("a", "", edit("good"));
    await park();
    await ada.as.mutation(api.approvals.decide, { runId, key: "a", decision: "approved" });
    await provision();
    await ask("b", "", edit("evil"));
    expect(await pending()).toEqual(["b"]);
    await ask("c", "", edit("good"));
    expect(await pending()).toEqual(["b"]);
  });

  test("a denial has it go on as well, with what the person said", async () => {
    await ask("a");
    await park();
    await ada.as.mutation(api.approvals.decide, {
      runId,
      key: "a",
      decision: "denied",
      reason: "Use the staging database.",
    });
    await provision();
    expect((await prompts())[0]).toContain("a person denied it and says: Use the staging database.");
    await ask("b");
    expect(await pending()).toEqual(["b"]);
  });

  test("to deny and stop ends the run, and starts nothing", async () => {
    await ask("a");
    await park();
    const answer = await ada.as.mutation(api.approvals.decide, { runId, key: "a", decision: "abort" });
    expect(answer.provisioning).toBe(false);
    expect(await run()).toMatchObject({ status: "cancelled" });
    expect(await session()).toMatchObject({ status: "stopped", waitingFor: null });
  });

  test("a session that is stopped while it is parked goes on with nothing", async () => {
    await ask("a");
    await park();
    await ada.as.mutation(api.sandboxSessions.stop, { sessionId });
    expect(await run()).toMatchObject({ status: "cancelled" });
    expect(await session()).toMatchObject({ status: "stopped", waitingFor: null });
    await expect(
      ada.as.mutation(api.approvals.decide, { runId, key: "a", decision: "approved" }),
    ).rejects.toThrow("already denied");
  });

  test("the next message has it go on, and the agent asks again; the message waits its turn", async () => {
    await ask("a");
    await park();
    const next = await ada.as.mutation(api.runs.start, { sessionId, message: "and then?" });
    expect(next.provisioning).toBe(true);
    await provision();
    expect(await run()).toMatchObject({ status: "running" });
    expect(await ada.as.query(api.runs.get, { runId: next.runId })).toMatchObject({ status: "pending" });
    expect(await pending()).toEqual([]);
    await expect(
      ada.as.mutation(api.approvals.decide, { runId, key: "a", decision: "approved" }),
    ).rejects.toThrow("already denied");
    await ask("b");
    expect(await pending()).toEqual(["b"]);
  });

  test("several wait for all answers, and a question for its own", async () => {
    await ask("a");
    await ask("b", "npm run build");
    await question("q");
    await park();
    const one = await ada.as.mutation(api.approvals.decide, { runId, key: "a", decision: "approved" });
    expect(one.provisioning).toBe(false);
    await ada.as.mutation(api.approvals.decide, { runId, key: "b", decision: "denied" });
    expect((await session()).status).toBe("stopped");
    const last = await ada.as.mutation(api.questions.answer, {
      within: { runId },
      key: "q",
      answers: [["Postgres"]],
    });
    expect(last.provisioning).toBe(true);
    await provision();
    const [text] = await prompts();
    expect(text).toContain("Run npm test");
    expect(text).toContain("Run npm run build");
    expect(text).toContain('The answer: [["Postgres"]]');
  });

  test("an answer while its work is being saved keeps it as it is", async () => {
    await ask("a");
    await silence();
    await ada.as.mutation(api.approvals.decide, { runId, key: "a", decision: "approved" });
    await db.service.mutation(api.sandboxSessions.expire, { sessionId });
    expect(await session()).toMatchObject({ status: "active", waitingFor: null });
    expect(await late()).toEqual([]);
    expect(await run()).toMatchObject({ status: "running" });
  });

  /** It is parked, and a server has not ended its sandbox yet. */
  const leave = async () => {
    await silence();
    await db.service.mutation(api.sandboxSessions.expire, { sessionId });
  };
  const gone = async () => await db.service.mutation(api.sandboxSessions.cleanedUp, { sessionId });
  const approve = async (key: string) =>
    await ada.as.mutation(api.approvals.decide, { runId, key, decision: "approved" });

  test("an answer while its sandbox goes is taken, and carried out once that is gone", async () => {
    await ask("a");
    await leave();
    expect(await approve("a")).toEqual({ sessionId, provisioning: false });
    expect(await pending()).toEqual([]);
    expect((await session()).status).toBe("stopped");
    await gone();
    await provision();
    expect(await run()).toMatchObject({ status: "running" });
    expect((await prompts())[0]).toContain("a person has allowed it");
    // The sandbox is said to be gone twice: nothing comes of it.
    await gone();
    expect((await session()).status).toBe("active");
  });

  test("what still waits when its sandbox is gone keeps it parked", async () => {
    await ask("a");
    await question("q");
    await leave();
    await approve("a");
    await gone();
    expect(await session()).toMatchObject({ status: "stopped", waitingFor: "approval" });
    await ada.as.mutation(api.questions.answer, {
      within: { sessionId },
      key: "q",
      answers: [["Postgres"]],
    });
    expect((await session()).status).toBe("provisioning");
  });

  test("nobody's answer has it go on by itself", async () => {
    await ask("a");
    await leave();
    await gone();
    expect(await session()).toMatchObject({ status: "stopped", waitingFor: "approval" });
  });

  test("an answered one that can't go on says why, and goes on with the next message", async () => {
    await ask("a");
    await leave();
    await approve("a");
    await db.t.run(async (ctx) => await ctx.db.patch(sessionId, { archivedAt: 1 }));
    await gone();
    expect((await session()).status).toBe("stopped");
    const { events } = await ada.as.query(api.events.list, {
      sessionId,
      after: 0,
      limit: 200,
      types: ["message.system"],
    });
    expect(events.map(({ payload }) => payload).join("")).toContain("in the archive");
    await db.t.run(async (ctx) => await ctx.db.patch(sessionId, { archivedAt: undefined }));
    await ada.as.mutation(api.runs.start, { sessionId, message: "go on" });
    expect((await session()).status).toBe("provisioning");
  });

  test("a session that is deleted while it is parked waits for nobody", async () => {
    await ask("a");
    await question("q");
    await park();
    await ada.as.mutation(api.sessionDeletion.remove, { sessionId });
    expect(await ada.as.query(api.approvals.waiting, {})).toEqual({ count: 0, hasMore: false });
  });

  test("somebody who may not drive the session has it go on by their answer", async () => {
    const bob = await member(db, "bob", "member", "ada");
    await ask("a");
    await park();
    const answer = await bob.as.mutation(api.approvals.decide, { runId, key: "a", decision: "approved" });
    expect(answer.provisioning).toBe(true);
  });
});

describe("the deadline", () => {
  const set = async (fields: object) => await ada.as.mutation(api.organizationSettings.set, fields);
  const asked = async () => await db.t.run(async (ctx) => await ctx.db.query("approvals").first());

  test("and what it does follow the organization's settings", async () => {
    await set({ approval_deadline_minutes: 90, approval_deadline_action: "deny" });
    await ask("a");
    const row = await asked();
    expect(row).toMatchObject({ onExpiry: "deny" });
    expect(row!.expiresAt - Date.now()).toBeGreaterThan(89 * 60_000);
    // The run's own time does not end before.
    expect((await stored()).deadlineAt).toBeGreaterThan(row!.expiresAt);
    await silence();
    expect(await pending()).toEqual([]);
    expect(await session()).toMatchObject({ status: "active", waitingFor: null });
    expect((await stored()).deadlineAt - Date.now()).toBeLessThanOrEqual(31 * 60_000);
  });

  test.each([
    ["auto", "deny"],
    ["park", "park"],
    ["deny", "deny"],
  ] as const)("of a run of an API key: %s", async (action, becomes) => {
    await set({ approval_deadline_action: action });
    await db.t.run(async (ctx) => await ctx.db.patch(runId, { isUnattended: true }));
    await ask("a");
    expect(await asked()).toMatchObject({ onExpiry: becomes });
  });

  test.each([0, 1_441, 1.5])("of %d minutes is refused", async (approval_deadline_minutes) => {
    await expect(set({ approval_deadline_minutes })).rejects.toThrow("1 to 1440");
  });
});

test("a run of an API key is nobody's to be waited for, whoever made the key", async () => {
  const keyId = await ada.by.mutation(api.apiKeys.create, {
    name: "k",
    hash: hashOf("k"),
    last4: "abcd",
    scopes: ["sessions:write"],
    environment: "development",
  });
  const { organizationId: org, userId: user } = ada;
  const as = db.t.withIdentity({
    kind: "apiKey",
    subject: `key:${keyId}`,
    org,
    user,
    role: "admin",
    key: keyId,
  });
  const { runId: own } = await as.mutation(api.runs.start, { sessionId, message: "again" });
  expect((await ada.as.query(api.runs.get, { runId: own })).isUnattended).toBe(true);
  expect((await run()).isUnattended).toBeUndefined();
});
