import { expect, test } from "vitest";
import { api, internal } from "#convex/_generated/api.js";
import { freshSession, generation, sessionId } from "./ready-session.ts";
import { ada, db } from "./world.ts";

freshSession();

/** What no other test here calls with success: both engines refuse a return that is not as declared. */

const saveKey = async () =>
  await ada.by.mutation(api.providerKeys.save, {
    provider: "compatible:mine",
    name: "Mine",
    baseUrl: "https://models.example",
    models: [
      {
        id: "m",
        name: "M",
        contextTokens: 8_000,
        outputTokens: 1_000,
        prices: { priceInMicroUsd: 1, priceCachedMicroUsd: 1, priceOutMicroUsd: 2 },
      },
    ],
    status: "active",
    ciphertext: "c",
    version: 1,
    prefix: "",
    last4: "yyyy",
    dataKey: { wrapped: "w", kekVersion: 1 },
  });

test("model keys, as servers use them", async () => {
  const { organizationId } = ada;
  const key = { organizationId, provider: "compatible:mine" };
  expect(await db.service.query(api.providerKeys.sealed, key)).toBeNull();
  await saveKey();
  expect(await db.service.query(api.providerKeys.sealed, key)).toMatchObject({
    baseUrl: "https://models.example",
    dataKey: { wrapped: "w", kekVersion: 1 },
  });
  expect(await db.service.query(api.providerKeys.means, { organizationId })).toMatchObject({
    settings: { default_model: null },
    keys: [{ provider: "compatible:mine", models: [{ id: "m" }] }],
  });
  await db.service.mutation(api.providerKeys.markRejected, { ...key, statusDetail: "refused" });
  const [old] = await db.service.query(api.providerKeys.dataKeysBefore, { kekVersion: 2 });
  const rewrap = { id: old!.id, before: "w", wrapped: "x", kekVersion: 2 };
  expect(await db.service.mutation(api.providerKeys.rewrap, rewrap)).toBe(true);
  expect(await db.service.mutation(api.providerKeys.rewrap, rewrap)).toBe(false);
});

test("a session's log, as servers follow it", async () => {
  const { runId } = await ada.as.mutation(api.runs.start, { sessionId, message: "hi" });
  const { seq } = await db.service.query(api.events.head, { sessionId });
  const page = await db.service.query(api.events.tail, { sessionId, after: 0, limit: 500 });
  expect(page).toMatchObject({
    isDone: true,
    events: expect.arrayContaining([expect.objectContaining({ seq })]),
  });
  expect(await db.service.query(api.sessionAgent.startOfRun, { runId })).toBeGreaterThan(0);
  expect(await db.service.query(api.sessionAgent.waits, { sessionId, limitMs: 90_000 })).toEqual({
    waits: false,
  });
  const { organizationId } = ada;
  const head = await db.service.query(api.organizationEvents.headOf, { organizationId });
  expect(head.at).toBeGreaterThan(0);
});

test("an artifact, and what a session holds", async () => {
  const artifactId = await db.t.run(
    async (ctx) =>
      await ctx.db.insert("artifacts", {
        organizationId: ada.organizationId,
        sessionId,
        kind: "output",
        text: "long",
      }),
  );
  expect(await ada.as.query(api.artifacts.get, { sessionId, artifactId })).toMatchObject({
    kind: "output",
    text: "long",
  });
  expect(await db.service.mutation(api.usage.renewHolds, { requestIds: ["none"] })).toBeNull();
});

test("leases and commands", async () => {
  await ada.as.mutation(api.runs.start, { sessionId, message: "hi" });
  const { queued } = await db.service.query(api.sessionCommands.inbox, { sessionId });
  const commandId = queued[0]!.id;
  expect(await db.service.mutation(api.sessionCommands.markSending, { commandId, generation })).toBe(true);
  const { sending } = await db.service.query(api.sessionCommands.inbox, { sessionId });
  expect(sending).toMatchObject([{ id: commandId, generation, command: { kind: "prompt" } }]);
  expect(await db.service.mutation(api.sessionCommands.markDone, { commandId })).toBeNull();
  expect(await db.service.mutation(api.sessionLeases.renew, { sessionId, generation })).toBeNull();
  expect(await db.service.mutation(api.sessionLeases.release, { sessionId, generation })).toBeNull();
  const lapsed = await db.service.query(api.due.lapsed, { now: Date.now() });
  expect(lapsed).toMatchObject({ items: [{ sessionId }], next: { at: 0 } });
});

test("migrations, grants, and a question that nobody answers", async () => {
  expect(await db.service.mutation(api.migrations.start, {})).toEqual(expect.any(Array));
  expect(await db.t.mutation(internal.migrations.run, {})).toEqual(expect.any(Array));
  const [status] = await db.service.query(api.migrations.status, {});
  expect(status).toMatchObject({ name: expect.stringContaining("auditActors") });
  const operator = { by: "test", via: "cli" as const };
  const grant = { operator, organization: "ada", key: "k", amountMicroUsd: 5, reason: "A test" };
  expect(await db.service.mutation(api.credits.adjust, grant)).toMatchObject({ balanceMicroUsd: 5 });
  const { runId } = await ada.as.mutation(api.runs.start, { sessionId, message: "hi" });
  const questionId = await db.t.run(
    async (ctx) =>
      await ctx.db.insert("questions", {
        organizationId: ada.organizationId,
        sessionId,
        runId,
        key: "q",
        agentId: "a",
        toolCallId: "t",
        questions: JSON.stringify([
          { question: "Which?", header: "Which", options: [], multiple: false, custom: true },
        ]),
        expiresAt: Date.now(),
        outcome: "pending",
      }),
  );
  expect(await ada.as.query(api.questions.pending, { runId })).toMatchObject([{ key: "q" }]);
  expect(await db.t.mutation(internal.questions.expire, { questionId })).toBeNull();
  expect(await ada.as.query(api.questions.pending, { runId })).toEqual([]);
});
