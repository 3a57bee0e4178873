import { beforeEach, describe, expect, test } from "vitest";
import { api } from "#convex/_generated/api.js";
import type { Id } from "#convex/_generated/dataModel.js";
import { STATUSES, WAIT_CAUSES, type WaitCause } from "#domain/lifecycle.ts";
import { statusLabelOf } from "#domain/waits.ts";
import { freshSession, generation, loseAgent, restartAgent, sessionId } from "./ready-session.ts";
import { SERVER } from "./things.ts";
import { ada, db } from "./world.ts";

freshSession();

let batch: number;
let calls: number;

beforeEach(async () => {
  batch = 0;
  calls = 0;
});

const seen = async (id = sessionId) => await ada.as.query(api.sandboxSessions.get, { sessionId: id });
const deadline = async (id = sessionId) =>
  (await db.service.query(api.sandboxSessions.forServer, { sessionId: id })).session.deadlineAt;
const send = async () => (await ada.as.mutation(api.runs.start, { sessionId, message: "hi" })).runId;

async function append(event: { type: string; payload: object; runId: Id<"runs">; rpcId?: string }) {
  batch += 1;
  const whole = { ...event, source: "agent", payload: JSON.stringify(event.payload) };
  await db.service.mutation(api.events.append, { sessionId, generation, batch, events: [whole] });
}
const end = async (runId: Id<"runs">) => {
  batch += 1;
  const ending = { status: "completed" as const, output: "", stopReason: "end_turn" };
  await db.service.mutation(api.events.append, {
    sessionId,
    generation,
    batch,
    events: [],
    runEnd: { runId, ending },
  });
};
const ask = async (runId: Id<"runs">) =>
  await append({
    type: "approval.requested",
    runId,
    rpcId: '"a"',
    payload: {
      approval_key: "a",
      tool: "bash",
      tool_call_id: "c",
      kind: "execute",
      summary: "Run ls",
      request: { command: "ls" },
      expires_at: Date.now() + 600_000,
    },
  });
const question = async (runId: Id<"runs">) =>
  await append({
    type: "question.requested",
    runId,
    rpcId: "que_1",
    payload: {
      question_key: "q",
      tool_call_id: "c",
      questions: [
        {
          question: "Which?",
          header: "Which",
          options: [{ label: "A", description: "" }],
          multiple: false,
          custom: false,
        },
      ],
      expires_at: Date.now() + 600_000,
    },
  });
const call = () => ({ sessionId, requestId: `call-${(calls += 1)}`, provider: "demo", model: "demo" });
const failCall = async (status: number, retryAfterMs?: number) =>
  await db.service.mutation(api.usage.recordError, {
    ...call(),
    keySource: "platform",
    error: `It answered ${status}.`,
    status,
    waits: true,
    ...(retryAfterMs !== undefined && { retryAfterMs }),
  });
const reserve = async (keySource: "platform" | "direct" = "direct") => {
  const { requestId } = call();
  const estimate = { inputMicroUsd: 1_000, outputMicroUsdPerMillion: 1_000_000, maxOutputTokens: 1_000 };
  return await db.service.mutation(api.usage.reserve, { sessionId, requestId, keySource, ...estimate });
};
const limitTo = async (limitMicroUsd: number) =>
  await ada.as.mutation(api.monthlyLimits.set, { subject: "organization", limitMicroUsd });
const waitForMcp = async (waiting: boolean, name = "memory") =>
  await db.service.mutation(api.sessionMcp.waits, { sessionId, name, waiting });
/** Has the session have a server. */
async function withMcp(): Promise<void> {
  await db.t.run(async (ctx) => {
    const { organizationId } = ada;
    const serverId = await ctx.db.insert("mcpServers", {
      ...SERVER,
      organizationId,
      enabled: true,
      status: "connected",
      toolsCount: 1,
      ciphertext: "c",
      version: 1,
      updatedAt: 1,
    });
    await ctx.db.insert("sessionMcpServers", {
      organizationId,
      sessionId,
      serverId,
      name: "memory",
      digest: "d",
      toolNames: ["remember"],
    });
  });
}
const reach = async (broken: boolean) =>
  await db.service.mutation(api.sessionAgent.reach, { sessionId, generation, broken });

/** How each cause of an active session begins, and what ends it without the run's end. */
const ACTIVE: [
  WaitCause,
  string,
  (runId: Id<"runs">) => Promise<unknown>,
  (runId: Id<"runs">) => Promise<unknown>,
][] = [
  ["sandbox", "the sandbox cannot be reached", async () => await reach(true), async () => await reach(false)],
  ["agent-start", "the agent's process has ended", loseAgent, restartAgent],
  [
    "provider",
    "it allows no more calls",
    async () => await failCall(429, 7_000),
    async () => await reserve(),
  ],
  [
    "approval",
    "the agent asks for leave",
    ask,
    async (runId) => await ada.as.mutation(api.approvals.decide, { runId, key: "a", decision: "approved" }),
  ],
  [
    "approval",
    "the agent asks a question",
    question,
    async (runId) =>
      await ada.as.mutation(api.questions.answer, { within: { runId }, key: "q", answers: [["A"]] }),
  ],
  [
    "budget",
    "the session is at its cap",
    async () => {
      await ada.as.mutation(api.sandboxSessions.update, { sessionId, budgetCapMicroUsd: 10_000 });
      await db.t.run(async (ctx) => {
        const totals = await ctx.db.query("sessionTotals").first();
        await ctx.db.patch(totals!._id, { totalCostMicroUsd: 9_999 });
      });
      expect(await reserve()).toMatchObject({ ok: false });
    },
    async () => await ada.as.mutation(api.sandboxSessions.update, { sessionId, budgetCapMicroUsd: null }),
  ],
  [
    "limit",
    "a monthly limit is reached",
    async () => {
      await limitTo(10_000);
      await reserve();
      const done = { costMicroUsd: 9_999, inputTokens: 1, cachedTokens: 0, outputTokens: 1 };
      await db.service.mutation(api.usage.record, { ...call(), ...done, keySource: "direct" });
      expect(await reserve()).toMatchObject({ ok: false });
    },
    async () => {
      await limitTo(1_000_000);
      await reserve();
    },
  ],
  [
    "mcp",
    "a server's tool takes long",
    async () => {
      await withMcp();
      await waitForMcp(true, "no server of its");
      expect((await seen()).waitingFor).toBeNull();
      await waitForMcp(true);
    },
    async () => {
      await waitForMcp(false, "no server of its");
      expect((await seen()).waitDetail?.message).toContain("memory");
      await waitForMcp(false);
    },
  ],
  [
    "mcp",
    "a server's end of it was lost, and the agent goes on",
    async () => {
      await withMcp();
      await waitForMcp(true);
    },
    async () => await reserve(),
  ],
  [
    "credits",
    "there are none",
    async () => expect(await reserve("platform")).toMatchObject({ ok: false }),
    async () => await reserve(),
  ],
];

describe("an active session", () => {
  test.each(ACTIVE)(
    "waits for %s: %s, with a deadline and a next step, and then no more",
    async (cause, _, begin, done) => {
      const runId = await send();
      expect(await seen()).toMatchObject({ status: "active", waitingFor: null });
      await begin(runId);
      const waiting = await seen();
      expect(waiting).toMatchObject({ status: "active", waitingFor: cause });
      expect(waiting.nextStep).toBe(statusLabelOf(waiting).next);
      expect(waiting.nextStep).not.toBe("");
      expect(await deadline()).toBeGreaterThan(Date.now());
      await done(runId);
      expect((await seen()).waitingFor).toBeNull();
    },
  );

  test.each(ACTIVE)("does not wait for %s any more (%s) when its run has ended", async (_, __, begin) => {
    const runId = await send();
    await begin(runId);
    await end(runId);
    expect(await seen()).toMatchObject({ status: "idle", waitingFor: null, waitDetail: null });
    expect(await deadline()).toBeGreaterThan(Date.now());
  });

  test("a provider's 429 is shown with the time of the next try", async () => {
    await send();
    await failCall(429, 7_000);
    const { waitDetail } = await seen();
    expect(waitDetail).toMatchObject({ status: 429, message: "It answered 429." });
    expect(waitDetail?.retryAt).toBeGreaterThan(Date.now());
    expect(waitDetail?.retryAt).toBeLessThanOrEqual(Date.now() + 7_000);
  });

  test("a question stays what is shown while a call waits beside it, and after", async () => {
    const runId = await send();
    await ask(runId);
    await failCall(503);
    expect((await seen()).waitingFor).toBe("approval");
    await db.t.run(async (ctx) => await ctx.db.patch(sessionId, { waitingFor: "budget" }));
    await reserve();
    expect((await seen()).waitingFor).toBe("approval");
  });

  test("of two questions, the last answer ends the wait", async () => {
    const runId = await send();
    await ask(runId);
    await question(runId);
    await ada.as.mutation(api.approvals.decide, { runId, key: "a", decision: "denied" });
    expect((await seen()).waitingFor).toBe("approval");
    await ada.as.mutation(api.questions.answer, { within: { runId }, key: "q", answers: null });
    expect((await seen()).waitingFor).toBeNull();
  });

  test("a message behind a stop that the agent did not hear waits for the agent", async () => {
    const runId = await send();
    calls += 1;
    await send();
    await db.service.mutation(api.sessionAgent.unheard, { sessionId, generation, runId });
    expect(await seen()).toMatchObject({ status: "active", waitingFor: "agent-start" });
  });
});

test("each step of a session's making has its cause, and the session its deadline", async () => {
  const made = await ada.by.mutation(api.sandboxSessions.create, {
    environment: "development",
    provider: "demo",
    model: "demo",
    keySource: "platform",
    title: "t",
  });
  const id = made.id as Id<"sandboxSessions">;
  expect(made).toMatchObject({ status: "provisioning", waitingFor: "sandbox" });
  const generation = await db.service.mutation(api.sessionLeases.claim, { sessionId: id, holder: "test" });
  if (generation === null) throw new Error("the lease of a new session is free");
  const admit = async (limit: number) =>
    await db.service.mutation(api.warmSandboxes.admit, { sessionId: id, generation, kind: null, limit });
  // Where there is no room it waits for some first.
  await admit(0);
  expect(await seen(id)).toMatchObject({ status: "provisioning", waitingFor: "capacity" });
  expect(await deadline(id)).toBeGreaterThan(Date.now());
  await admit(1);
  for (const waitingFor of ["project-pull", "agent-start", "sandbox"] as const) {
    const payload = JSON.stringify({ step: "files", label: "l", index: 0, total: 1, status: "started" });
    await db.service.mutation(api.events.provisionStep, { sessionId: id, generation, payload, waitingFor });
    expect((await seen(id)).waitingFor).toBe(waitingFor);
  }
  expect(await deadline(id)).toBeGreaterThan(Date.now());
  await db.service.mutation(api.sandboxSessions.fail, {
    sessionId: id,
    generation,
    error: "It could not be made.",
    errorKind: "provisioning",
  });
  expect(await seen(id)).toMatchObject({ status: "error", waitingFor: null });
  expect(await deadline(id)).toBe(0);
});

test("a session that goes back says so, and stops by itself when it is idle too long", async () => {
  const runId = await send();
  await end(runId);
  const to = { what: "conversation" as const, beforeRunId: runId, overwrite: [], keep: [] };
  await ada.as.mutation(api.sessionRewinds.start, { sessionId, ...to });
  expect(await seen()).toMatchObject({ status: "idle", waitingFor: "rewind" });
  expect(await deadline()).toBeGreaterThan(Date.now());
});

test("every state and every cause has words for what it is, and for what ends it", () => {
  for (const status of STATUSES)
    for (const waitingFor of [null, ...WAIT_CAUSES]) {
      const { cause, next } = statusLabelOf({ status, waitingFor });
      expect([cause.length > 5, next.length > 5], `${status} ${waitingFor}`).toEqual([true, true]);
    }
  const begun = new Set<WaitCause>([
    ...ACTIVE.map(([cause]) => cause),
    "project-pull",
    "capacity",
    "setup",
    "rewind",
  ]);
  expect(WAIT_CAUSES.filter((cause) => !begun.has(cause))).toEqual([]);
});
