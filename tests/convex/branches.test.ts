import { beforeEach, expect, test, vi } from "vitest";
import { api } from "#convex/_generated/api.js";
import type { Id } from "#convex/_generated/dataModel.js";
import { CHECKPOINT_TIMES } from "#domain/checkpoints.ts";
import { endTurn, facts, freshTurns } from "./checkpoint-run.ts";
import { generation, sessionId } from "./ready-session.ts";
import { member, type Member } from "./support.ts";
import { ada, db } from "./world.ts";

freshTurns();

beforeEach(() => {
  vi.useFakeTimers({ now: Date.now() + 3_600_000, toFake: ["Date"] });
  return () => void vi.useRealTimers();
});

const later = (ms: number) => vi.setSystemTime(Date.now() + ms);
const model = { provider: "demo", model: "demo", keySource: "platform" } as const;
const asId = (id: string) => id as Id<"sandboxSessions">;

let tries = 0;
async function saved(commit: string, id = sessionId) {
  tries += 1;
  const storedAs = `${id}/${tries}.pack`;
  const begun = await db.service.mutation(api.checkpoints.begin, { sessionId: id, cause: "asked", storedAs });
  if (begun.state !== "begun") throw new Error(begun.state);
  const { checkpointId, previous } = begun;
  const args = { checkpointId, storedAs, previous, ...facts(commit) };
  expect(await db.service.mutation(api.checkpoints.finish, args)).toBe(true);
  later(1_000);
  return { checkpointId, storedAs };
}
const logOf = async (id: string, who: Member = ada) =>
  (await who.as.query(api.events.list, { sessionId: id, after: 0, limit: 500 })).events.map((event) => ({
    seq: event.seq,
    type: event.type,
    payload: JSON.parse(event.payload) as Record<string, unknown>,
  }));
const lastSeq = async (id: string = sessionId) => (await logOf(id)).at(-1)?.seq ?? 0;
async function turn(message: string, output: string) {
  const { runId } = await ada.as.mutation(api.runs.start, { sessionId, message });
  later(1_000);
  await endTurn(runId, output);
  later(1_000);
}
const branch = async (fromSeq: number, more: object = {}, who: Member = ada, from: string = sessionId) =>
  await who.by.mutation(api.sessionBranches.create, { sessionId: from, fromSeq, ...model, ...more });
const storedOf = async (id: string) =>
  (await db.service.query(api.checkpoints.stored, { sessionId: asId(id) })).map(({ commit, place }) => [
    commit,
    place,
  ]);
/** The branch stands in its sandbox; what its agent is told with the first message. */
async function ready(id: string, history: "kept" | "recap" | "none") {
  const { checkpointId } = await ada.as.query(api.sandboxSessions.get, { sessionId: id });
  const held = await db.service.mutation(api.sessionLeases.claim, { sessionId: asId(id), holder: "b" });
  await db.service.mutation(api.sandboxSessions.attachSandbox, {
    sessionId: asId(id),
    generation: held!,
    sandboxId: `box of ${id}`,
  });
  await db.service.mutation(api.sandboxSessions.finishProvisioning, {
    sessionId: asId(id),
    generation: held!,
    agentSessionId: "agent-1",
    acpServerId: "server",
    durationMs: 1,
    restored: { checkpointId: checkpointId as Id<"checkpoints"> | null, history },
  });
  await ada.as.mutation(api.runs.start, { sessionId: id, message: "go on" });
  const { queued } = await db.service.query(api.sessionCommands.inbox, { sessionId: asId(id) });
  const command = queued[0]?.command;
  if (command?.kind !== "prompt") throw new Error("no prompt");
  return command.text;
}
const removable = async () =>
  (await db.service.query(api.due.stored, { now: Date.now() })).items.map((item) => item.checkpointId);
const bytesStored = async () =>
  await db.t.run(async (ctx) => (await ctx.db.query("checkpointUsage").collect())[0]?.bytes);
/** What a sweep does with what is due. @returns the names whose bytes it removes */
async function sweep() {
  const gone: string[] = [];
  for (const { checkpointId, storedAs } of (await db.service.query(api.due.stored, { now: Date.now() }))
    .items) {
    if (!(await db.service.mutation(api.checkpoints.release, { checkpointId }))) continue;
    gone.push(storedAs);
    await db.service.mutation(api.checkpoints.removed, { checkpointId });
  }
  return gone.toSorted();
}

test("a branch begins with the last checkpoint at or before its event, and says which", async () => {
  await turn("one", "first");
  const first = await saved("c1");
  const afterFirst = await lastSeq();
  await turn("two", "second");
  await saved("c2");
  const made = await branch(afterFirst);
  expect(made).toMatchObject({
    status: "provisioning",
    title: "Branch of one",
    parentSessionId: sessionId,
    parentTitle: "one",
    branchFromSeq: afterFirst,
    savedBytes: 100,
    agentSessionId: "agent-1",
  });
  expect(await storedOf(made.id)).toEqual([["c1", 0]]);
  expect((await logOf(made.id)).map(({ type }) => type)).toEqual([
    "session.started",
    "session.branched",
    "session.status",
  ]);
  expect((await logOf(made.id))[1]?.payload).toMatchObject({
    branched_by: "ada",
    parent_session_id: sessionId,
    from_seq: afterFirst,
    checkpoint_id: first.checkpointId,
    saved_seq: expect.any(Number),
  });
  // Nothing of the other one has changed: it lives on, and its log is as it was.
  expect((await ada.as.query(api.sandboxSessions.get, { sessionId })).status).toBe("idle");
  expect((await logOf(sessionId)).map(({ type }) => type)).not.toContain("session.branched");
  // Before anything was saved there are no files, and before the second turn none of its words.
  const early = await branch(1);
  expect(early).toMatchObject({ checkpointId: null, agentSessionId: null });
  expect(await storedOf(early.id)).toEqual([]);
});

test("its own next checkpoint leans on what it began with, and a branch of a branch has that too", async () => {
  await saved("c1");
  await saved("c2");
  const made = await branch(await lastSeq());
  expect(await storedOf(made.id)).toEqual([
    ["c2", 1],
    ["c1", 0],
  ]);
  const shown = async (id: string) => {
    const paginationOpts = { numItems: 10, cursor: null };
    return (await ada.as.query(api.sessionCheckpoints.list, { sessionId: id, paginationOpts })).page;
  };
  // Of the other session's past it shows the one that it began with.
  expect(await shown(sessionId)).toHaveLength(2);
  expect(await shown(made.id)).toMatchObject([{ seq: 0, runId: null, betweenTurns: true }]);
  const again = await branch(await lastSeq(made.id), {}, ada, made.id);
  expect(again.title).toBe("Branch of New session");
  expect(await storedOf(again.id)).toEqual(await storedOf(made.id));
  await ready(made.id, "kept");
  await saved("b3", asId(made.id));
  expect(await storedOf(made.id)).toEqual([
    ["b3", 2],
    ["c2", 1],
    ["c1", 0],
  ]);
  expect(await storedOf(sessionId)).toEqual([
    ["c2", 1],
    ["c1", 0],
  ]);
  expect(await bytesStored()).toBe(30);
});

test("what is stored belongs to both, whichever goes first", async () => {
  const { storedAs } = await saved("c1");
  const made = await branch(await lastSeq());
  const forget = async (id: string) =>
    await db.t.run(async (ctx) => {
      for await (const row of ctx.db
        .query("checkpoints")
        .withIndex("by_session_status", (q) => q.eq("sessionId", asId(id)).eq("status", "verified")))
        await ctx.db.patch(row._id, { status: "removing" });
    });
  later(3 * CHECKPOINT_TIMES.claimMs);
  await forget(sessionId);
  expect(await removable()).toHaveLength(1);
  expect(await sweep()).toEqual([]);
  expect(await bytesStored()).toBe(10);
  expect(await storedOf(made.id)).toEqual([["c1", 0]]);
  const other = await branch(await lastSeq(made.id), {}, ada, made.id);
  // Both at once: the last row that names the bytes takes them along.
  await forget(made.id);
  await forget(other.id);
  expect(await sweep()).toEqual([storedAs]);
  expect(await bytesStored()).toBe(0);
  expect(await removable()).toEqual([]);
  // A second server that had read the same list does nothing more.
  expect(await sweep()).toEqual([]);
});

test("an agent is told what is in neither its memory nor its files, and nothing of what came after", async () => {
  await turn("one", "first");
  await saved("c1");
  await turn("two", "second");
  const afterSecond = await lastSeq();
  await turn("three", "third");
  const kept = await ready((await branch(afterSecond)).id, "kept");
  expect(kept).toMatch(/branch of another one[\s\S]*They asked: two\nYou answered: second[\s\S]*go on$/);
  expect(kept).not.toMatch(/first|third/);
  const forgot = await ready((await branch(afterSecond)).id, "recap");
  expect(forgot).toMatch(/don't remember[\s\S]*one\n[\s\S]*first[\s\S]*two\n[\s\S]*second[\s\S]*go on$/);
  expect(forgot).not.toMatch(/third/);
});

test("where all of it is remembered, nothing is told; where nothing was saved, the words are", async () => {
  await turn("one", "first");
  const afterFirst = await lastSeq();
  await ada.as.mutation(api.sandboxSessions.update, { sessionId, title: "renamed" });
  await saved("c1");
  expect(await ready((await branch(await lastSeq())).id, "kept")).toBe("go on");
  const early = await branch(afterFirst);
  expect(early.checkpointId).toBeNull();
  expect(await ready(early.id, "none")).toMatch(/They asked: one\nYou answered: first/);
  const restored = (await logOf(early.id)).find(({ type }) => type === "session.restored");
  expect(restored?.payload).toMatchObject({ files: "none", history: "recap", told_turns: 1 });
});

test("of a turn that was at work at the event, no later answer is told", async () => {
  await saved("c1");
  const { runId } = await ada.as.mutation(api.runs.start, { sessionId, message: "long" });
  const during = await lastSeq();
  later(1_000);
  const ending = { status: "completed", output: "the end", stopReason: "end_turn" } as const;
  const runEnd = { runId, ending };
  await db.service.mutation(api.events.append, {
    sessionId,
    generation,
    batch: 1,
    cursor: 1,
    events: [],
    runEnd,
  });
  const told = await ready((await branch(during)).id, "kept");
  expect(told).toMatch(/They asked: long\nYou answered: \(you were still at work on it\)/);
  expect(told).not.toContain("the end");
});

test("an ended or failed session branches, too, one whose log is gone doesn't", async () => {
  await saved("c1");
  await ada.as.mutation(api.sandboxSessions.stop, { sessionId });
  expect((await branch(1)).status).toBe("provisioning");
  await db.t.run(async (ctx) => ctx.db.patch(sessionId, { status: "error" }));
  const made = await branch(await lastSeq());
  expect(await storedOf(made.id)).toEqual([["c1", 0]]);
  await db.t.run(async (ctx) => ctx.db.patch(sessionId, { logRemovedAt: 1 }));
  await expect(branch(1)).rejects.toMatchObject({ data: { kind: "session_log_gone" } });
});

test("who may start sessions branches, at events that there are, and pays", async () => {
  const last = await lastSeq();
  await expect(branch(last + 1)).rejects.toMatchObject({ data: { kind: "branch_seq_unknown" } });
  await expect(branch(1.5)).rejects.toMatchObject({ data: { code: "invalid_request" } });
  await expect(branch(1, { model: "no-such" })).rejects.toMatchObject({ data: { code: "unknown_model" } });
  const vera = await member(db, "vera", "viewer", "ada");
  await expect(branch(1, {}, vera)).rejects.toMatchObject({ data: { code: "forbidden" } });
  const eve = await member(db, "eve");
  await expect(branch(1, {}, eve)).rejects.toMatchObject({ data: { code: "not_found" } });
  const mia = await member(db, "mia", "member", "ada");
  const made = await branch(1, { keySource: "direct" }, mia);
  expect(made).toMatchObject({ userId: mia.userId, keySource: "direct", autoApprove: false });
  // Production is for admins, in a branch as well.
  await db.t.run(async (ctx) => ctx.db.patch(sessionId, { environment: "production" }));
  await expect(branch(1, {}, mia)).rejects.toMatchObject({ data: { code: "forbidden" } });
});

test("a branch has the session's cap unless another is named, and counts from nothing", async () => {
  await ada.as.mutation(api.sandboxSessions.update, { sessionId, budgetCapMicroUsd: 500_000 });
  expect(await branch(1)).toMatchObject({ budgetCapMicroUsd: 500_000, totalCostMicroUsd: 0 });
  expect(await branch(1, { budgetCapMicroUsd: 70_000 })).toMatchObject({ budgetCapMicroUsd: 70_000 });
  expect(await branch(1, { budgetCapMicroUsd: null })).toMatchObject({ budgetCapMicroUsd: null });
});

test("the limit of live sessions holds for branches", async () => {
  await ada.as.mutation(api.organizationSettings.set, { max_live_sessions: 2 });
  await branch(1);
  await expect(branch(1)).rejects.toMatchObject({ data: { code: "session_limit" } });
});

test("a longest title stays within its bound", async () => {
  await ada.as.mutation(api.sandboxSessions.update, { sessionId, title: "x".repeat(200) });
  expect((await branch(1)).title).toBe(`Branch of ${"x".repeat(190)}`);
});
