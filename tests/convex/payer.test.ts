import { beforeEach, expect, test } from "vitest";
import { api } from "#convex/_generated/api.js";
import type { Id } from "#convex/_generated/dataModel.js";
import { member } from "./support.ts";
import { freshSession, generation, sessionId } from "./ready-session.ts";
import { ada, db } from "./world.ts";

freshSession();

let runId: Id<"runs">;

beforeEach(async () => {
  await db.t.run(async (ctx) => await ctx.db.patch(sessionId, { keySource: "direct" }));
  ({ runId } = await ada.as.mutation(api.runs.start, { sessionId, message: "hi" }));
});

const session = async () => await ada.as.query(api.sandboxSessions.get, { sessionId });
const types = async () =>
  (await ada.as.query(api.events.list, { sessionId, after: 0, limit: 100 })).events.map(({ type }) => type);
const refuse = async (status: number, keySource: "direct" | "openrouter" = "direct") =>
  await db.service.mutation(api.usage.recordError, {
    sessionId,
    keySource,
    status,
    requestId: "r",
    provider: "demo",
    model: "demo",
    error: `It answered ${status}.`,
    waits: true,
  });
const change = async (keySource: "platform" | "openrouter", restart: boolean) =>
  await ada.by.mutation(api.sessionPayer.change, { sessionId, keySource, restart });
/** Marks the prompt as sent, and says that the agent was restarted. */
async function restart(meanwhile: () => Promise<unknown> = async () => undefined) {
  const { queued } = await db.service.query(api.sessionCommands.inbox, { sessionId });
  for (const { id } of queued)
    await db.service.mutation(api.sessionCommands.markSending, { commandId: id, generation });
  await refuse(401);
  await change("openrouter", true);
  await meanwhile();
  await db.service.mutation(api.sessionAgent.restarted, {
    sessionId,
    generation,
    acpServerId: "second",
    cursor: 7,
    events: [],
    rpcId: "again",
  });
  return await db.service.query(api.sessionCommands.inbox, { sessionId });
}

test("a refused key makes the run wait, once in the log, with what the provider said", async () => {
  await refuse(401);
  await refuse(403);
  expect(await session()).toMatchObject({
    waitingFor: "provider",
    waitDetail: { status: 401, message: "It answered 401.", retryAt: null },
  });
  expect((await types()).filter((type) => type === "llm.response.error")).toHaveLength(1);
});

test("an answer to a call of before the change says nothing any more", async () => {
  await refuse(401);
  await change("platform", false);
  const before = await types();
  await refuse(401);
  expect(await types()).toEqual(before);
  expect(await session()).toMatchObject({ waitingFor: null, keySource: "platform" });
  const { events } = await ada.as.query(api.events.list, { sessionId, after: 0, limit: 100 });
  expect(events.find(({ type }) => type === "session.payer_changed")?.runId).toBe(runId);
});

test("nobody changes the payer of a session that does not wait for it", async () => {
  await expect(change("platform", false)).rejects.toThrow("not_waiting");
  await refuse(429);
  await expect(change("platform", false)).rejects.toThrow("not_waiting");
  const bob = await member(db, "bob", "member", "ada");
  await refuse(401);
  await expect(
    bob.by.mutation(api.sessionPayer.change, { sessionId, keySource: "platform", restart: false }),
  ).rejects.toThrow("forbidden");
});

test("a restarted agent gets the message, where nothing had come of it", async () => {
  const inbox = await restart();
  expect(inbox).toMatchObject({ restart: false, sending: [] });
  expect(inbox.queued.map(({ command }) => command)).toEqual([
    { kind: "prompt", runId, rpcId: "again", text: "hi" },
  ]);
});

test("else it is told to go on", async () => {
  const inbox = await restart(async () => {
    await db.t.run(async (ctx) => {
      const stream = await ctx.db
        .query("sessionStreams")
        .withIndex("by_session", (q) => q.eq("sessionId", sessionId))
        .unique();
      if (!stream) throw new Error("no stream");
      await ctx.db.patch(stream._id, { seq: stream.seq + 1 });
      await ctx.db.insert("sessionEvents", {
        organizationId: stream.organizationId,
        sessionId,
        runId,
        seq: stream.seq + 1,
        ts: 0,
        type: "tool.requested",
        source: "agent",
        payload: "{}",
      });
    });
  });
  expect(inbox.queued[0]?.command).toMatchObject({
    kind: "prompt",
    text: expect.stringMatching(/^Continue/),
  });
});

test("a stop that was asked for meanwhile is not lost", async () => {
  const inbox = await restart(async () => await ada.as.mutation(api.runs.cancel, { sessionId }));
  expect(inbox).toMatchObject({ status: "idle", activeRunId: null, queued: [], sending: [] });
  expect(await ada.as.query(api.runs.get, { runId })).toMatchObject({ status: "cancelled" });
});
