import { beforeEach, expect, test } from "vitest";
import { api } from "#convex/_generated/api.js";
import type { Id } from "#convex/_generated/dataModel.js";
import { freshSession, generation, sessionId } from "./ready-session.ts";
import { readySession } from "./support.ts";
import { ada, db } from "./world.ts";

freshSession();

let runId: Id<"runs">;
let held: number;

beforeEach(async () => {
  ({ runId } = await ada.as.mutation(api.runs.start, { sessionId, message: "hi" }));
  held = generation;
});

const session = async () => await ada.as.query(api.sandboxSessions.get, { sessionId });
const run = async (id = runId) => await ada.as.query(api.runs.get, { runId: id });
const log = async () => (await ada.as.query(api.events.list, { sessionId, after: 0, limit: 200 })).events;
const queued = async () => (await db.service.query(api.sessionCommands.inbox, { sessionId })).queued;
const texts = async () =>
  (await queued()).flatMap(({ command }) => (command.kind === "prompt" ? [command.text] : []));

/** A server has found the sandbox gone. */
const lose = async (errorKind = "sandbox_lost") =>
  await db.service.mutation(api.sandboxSessions.fail, {
    sessionId,
    generation: held,
    error: "The sandbox was lost.",
    errorKind,
  });
const gone = async () => await db.service.mutation(api.sandboxSessions.cleanedUp, { sessionId });
/** What a server does with a session that goes on. */
async function provision(restored: { checkpointId: null; history: "kept" | "none" }): Promise<void> {
  expect((await session()).status).toBe("provisioning");
  held = (await db.service.mutation(api.sessionLeases.claim, { sessionId, holder: "test" }))!;
  const lease = { sessionId, generation: held };
  await db.service.mutation(api.sandboxSessions.attachSandbox, { ...lease, sandboxId: `sandbox-${held}` });
  await db.service.mutation(api.sandboxSessions.finishProvisioning, {
    ...lease,
    agentSessionId: "agent-1",
    acpServerId: `acp-${held}`,
    durationMs: 5,
    restored,
  });
}
const HAD = { checkpointId: null, history: "kept" } as const;

test("a message that its agent was never sent goes on in another sandbox, with those behind it", async () => {
  const next = await ada.as.mutation(api.runs.start, { sessionId, message: "and then" });
  await lose();
  expect(await session()).toMatchObject({ status: "stopped", waitingFor: "sandbox", errorMessage: null });
  expect([(await run()).status, (await run(next.runId)).status]).toEqual(["pending", "pending"]);
  const told = (await log()).find(({ type }) => type === "message.system");
  expect(told?.payload).toContain("before the message reached the agent");
  await gone();
  await provision(HAD);
  expect(await session()).toMatchObject({ status: "active", waitingFor: null });
  expect([(await run()).status, (await run(next.runId)).status]).toEqual(["running", "pending"]);
  expect(await texts()).toEqual(["hi"]);
});

test("one that has been sent fails: nobody knows what it has done", async () => {
  const [command] = await queued();
  await db.service.mutation(api.sessionCommands.markSending, { commandId: command!.id, generation });
  await lose();
  expect(await session()).toMatchObject({ status: "error", errorMessage: "The sandbox was lost." });
  expect(await run()).toMatchObject({ status: "failed", errorKind: "sandbox_lost" });
});

/** The message that runs is on its way to the agent. */
async function send(): Promise<void> {
  const [command] = await queued();
  await db.service.mutation(api.sessionCommands.markSending, { commandId: command!.id, generation: held });
}

test("of messages behind one that has been sent, the next goes on in another sandbox", async () => {
  const next = await ada.as.mutation(api.runs.start, { sessionId, message: "and then" });
  const last = await ada.as.mutation(api.runs.start, { sessionId, message: "at last" });
  await send();
  await lose();
  expect(await run()).toMatchObject({ status: "failed", errorKind: "sandbox_lost" });
  expect(await session()).toMatchObject({ status: "stopped", waitingFor: "sandbox", errorMessage: null });
  const told = (await log()).findLast(({ type }) => type === "message.system");
  expect(told?.payload).toContain("goes on with the next message");
  await gone();
  await provision(HAD);
  expect([(await run(next.runId)).status, (await run(last.runId)).status]).toEqual(["running", "pending"]);
  expect(await texts()).toEqual(["and then"]);
});

test("each message behind goes on once, so that a sandbox that is lost again and again ends", async () => {
  const next = await ada.as.mutation(api.runs.start, { sessionId, message: "and then" });
  await send();
  await lose();
  await gone();
  await provision(HAD);
  await lose();
  expect((await run(next.runId)).status).toBe("failed");
  expect((await session()).status).toBe("error");
});

test("behind one that a person was stopping, the next goes on, and that one was stopped", async () => {
  const next = await ada.as.mutation(api.runs.start, { sessionId, message: "and then" });
  await send();
  await ada.as.mutation(api.runs.cancel, { sessionId, runId });
  await lose();
  expect([(await run()).status, (await run(next.runId)).status]).toEqual(["cancelled", "pending"]);
  await gone();
  await provision(HAD);
  expect((await run(next.runId)).status).toBe("running");
});

test("one that a person has stopped meanwhile is stopped", async () => {
  await ada.as.mutation(api.runs.cancel, { sessionId, runId });
  await lose();
  expect((await session()).status).toBe("error");
  expect((await run()).status).not.toBe("pending");
});

test("one whose session ends for another reason ends with it", async () => {
  await lose("agent_exited");
  expect([(await session()).status, (await run()).status]).toEqual(["error", "failed"]);
});

test("one that is taken back before the session goes on leaves it stopped, waiting for nothing", async () => {
  await lose();
  await ada.as.mutation(api.runs.cancel, { sessionId, runId });
  await gone();
  expect(await session()).toMatchObject({ status: "stopped", waitingFor: null });
  expect((await run()).status).toBe("cancelled");
});

test("stopped before the other sandbox is there, the session goes on with nothing", async () => {
  const next = await ada.as.mutation(api.runs.start, { sessionId, message: "and then" });
  await lose();
  await ada.as.mutation(api.sandboxSessions.stop, { sessionId });
  expect([(await run()).status, (await run(next.runId)).status]).toEqual(["cancelled", "cancelled"]);
  await gone();
  expect(await session()).toMatchObject({ status: "stopped", waitingFor: null });
  const { length } = await log();
  await ada.as.mutation(api.sandboxSessions.stop, { sessionId });
  expect(await log()).toHaveLength(length);
});

test("a message goes on once: where the next sandbox is lost, too, it fails", async () => {
  await lose();
  await gone();
  await provision(HAD);
  await lose();
  expect((await session()).status).toBe("error");
  expect((await run()).status).toBe("failed");
});

test("where the session can't go on, its log says why, and the next message has both go on", async () => {
  await lose();
  await ada.as.mutation(api.organizationSettings.set, { max_live_sessions: 1 });
  const other = await readySession(db, ada);
  await gone();
  expect(await session()).toMatchObject({ status: "stopped", waitingFor: null });
  expect((await log()).at(-1)?.payload).toContain("The session couldn't go on.");
  await ada.as.mutation(api.sandboxSessions.stop, { sessionId: other.sessionId });
  const next = await ada.as.mutation(api.runs.start, { sessionId, message: "go on" });
  await provision(HAD);
  expect([(await run()).status, (await run(next.runId)).status]).toEqual(["running", "pending"]);
});

test("what an agent without its memory was to be told with it is told in the other sandbox", async () => {
  await lose("agent_exited");
  await gone();
  const { runId: second } = await ada.as.mutation(api.runs.start, { sessionId, message: "second" });
  await provision({ checkpointId: null, history: "none" });
  await db.t.run(async (ctx) => {
    const rows = await ctx.db.query("sessionCommands").collect();
    for (const { _id, command } of rows)
      if (command.kind === "prompt" && command.runId === second)
        await ctx.db.patch(_id, { command: { ...command, text: "What was.\n\nsecond" } });
  });
  await lose();
  await gone();
  await provision(HAD);
  expect(await texts()).toEqual(["What was.\n\nsecond"]);
});
