import { expect, test } from "vitest";
import { api } from "#convex/_generated/api.js";
import { beginSave, beginTurn, endTurn, facts, freshTurns, logOf, save, turn } from "./checkpoint-run.ts";
import { generation, sessionId } from "./ready-session.ts";
import { ada, db } from "./world.ts";

freshTurns();

const session = async () => await db.t.run(async (ctx) => (await ctx.db.get(sessionId))!);
const isUnsaved = async () => (await db.service.query(api.sessionCommands.inbox, { sessionId })).unsaved;
const before = async (beforeRunId: string) =>
  await ada.as.query(api.sessionRewinds.target, { sessionId, what: "both", beforeRunId });
const taken = async ({ checkpointId, storedAs }: Awaited<ReturnType<typeof beginSave>>) =>
  await db.service.mutation(api.checkpoints.taken, { checkpointId, storedAs });
const finish = async (begun: Awaited<ReturnType<typeof beginSave>>, commit: string) =>
  await db.service.mutation(api.checkpoints.finish, { ...begun, ...facts(commit) });

test("how a session began can be gone back to, once it is saved before the first turn", async () => {
  expect(await isUnsaved()).toBe(true);
  const began = await save("began", { cause: "start" });
  expect(await isUnsaved()).toBe(false);
  await expect(beginSave({ cause: "start" })).rejects.toThrow("none");
  const first = await turn();
  await save("first");
  expect(await before(first)).toMatchObject({ checkpointId: began, runId: null, toSeq: 0 });
});

test("while a session is being made only its beginning is saved, and a second try's counts", async () => {
  await db.t.run(async (ctx) => await ctx.db.patch(sessionId, { status: "provisioning" }));
  await expect(beginSave({ cause: "asked" })).rejects.toThrow("none");
  await save("one", { cause: "start" });
  const two = await save("two", { cause: "start" });
  expect((await session()).turnCheckpointId).toBe(two);
});

test("a message that comes at once waits only until all was read, and changes nothing of it", async () => {
  const begun = await beginSave({ cause: "start" });
  const { runId: first } = await ada.as.mutation(api.runs.start, { sessionId, message: "hi" });
  await expect(beginSave()).rejects.toThrow("busy");
  await taken(begun);
  await expect(beginSave()).rejects.toThrow("taken");
  await expect(beginSave({ cause: "asked" })).rejects.toThrow("busy");
  const { queued } = await db.service.query(api.sessionCommands.inbox, { sessionId });
  for (const { id } of queued)
    await db.service.mutation(api.sessionCommands.markSending, { commandId: id, generation });
  // The turn is at work while what was read still travels.
  expect(await finish(begun, "began")).toBe(true);
  await endTurn(first);
  expect(await before(first)).toMatchObject({ checkpointId: begun.checkpointId, runId: null });
});

test("what was still being read when the turn began is nobody's beginning", async () => {
  const begun = await beginSave({ cause: "start" });
  const first = await beginTurn();
  await taken(begun);
  await finish(begun, "mixed");
  await endTurn(first);
  await expect(before(first)).rejects.toThrow();
  await expect(beginSave({ cause: "start" })).rejects.toThrow("none");
});

test("one whose bytes arrive only after the next turn has ended is still the earlier turn's", async () => {
  const first = await turn("one");
  const begun = await beginSave();
  await taken(begun);
  const second = await turn("two");
  await finish(begun, "first");
  expect((await session()).turnCheckpointId).toBeUndefined();
  expect(await before(second)).toMatchObject({ checkpointId: begun.checkpointId, runId: first });
});

test("a first message that comes before it was begun has it taken, as a beginning", async () => {
  await ada.as.mutation(api.runs.start, { sessionId, message: "hi" });
  await save("began");
  const created = (await logOf()).find(({ type }) => type === "checkpoint.created");
  expect(created?.payload).toMatchObject({ cause: "start" });
});

test("a branch at the very first event begins with it, too, and no conversation", async () => {
  const began = await save("began", { cause: "start" });
  await turn();
  await save("first");
  const branch = await ada.by.mutation(api.sessionBranches.create, {
    sessionId,
    fromSeq: 1,
    provider: "demo",
    model: "demo",
    keySource: "platform",
  });
  const rows = await db.t.run(async (ctx) => await ctx.db.query("checkpoints").collect());
  const own = rows.find((row) => row.sessionId === branch.id);
  // Its agent begins a conversation: the other session's is not in what it begins with.
  expect(branch.agentSessionId).toBeNull();
  const original = rows.find(({ _id }) => _id === began);
  expect(own).toMatchObject({ storedAs: original?.storedAs, turn: null });
});
