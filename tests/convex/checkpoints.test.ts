import { beforeEach, expect, test, vi } from "vitest";
import { api } from "#convex/_generated/api.js";
import type { Id } from "#convex/_generated/dataModel.js";
import { eraseStep } from "#convex/model/erase.ts";
import { retentionStep } from "#convex/model/retention.ts";
import { CHECKPOINT_LIMITS, CHECKPOINT_TIMES, type CheckpointCause } from "#domain/checkpoints.ts";
import { askToSave, beginSave, facts } from "./checkpoint-run.ts";
import { freshSession, generation, sessionId } from "./ready-session.ts";
import { member } from "./support.ts";
import { ada, db } from "./world.ts";

freshSession();

const HOUR_MS = 3_600_000;

beforeEach(() => {
  vi.useFakeTimers({ now: Date.now() + HOUR_MS, toFake: ["Date"] });
  return () => void vi.useRealTimers();
});

const begin = async (cause: CheckpointCause = "work") => await askToSave({ cause });
const begins = async (cause: CheckpointCause = "work") => await beginSave({ cause });
const finish = async (
  { storedAs, checkpointId }: { storedAs: string; checkpointId: Id<"checkpoints"> },
  commit: string,
  previous: string | null,
) =>
  await db.service.mutation(api.checkpoints.finish, { storedAs, checkpointId, previous, ...facts(commit) });
async function saved(commit: string) {
  const one = await begins();
  expect(await finish(one, commit, one.previous)).toBe(true);
  vi.setSystemTime(Date.now() + 1_000);
  return one;
}
const stored = async () =>
  (await db.service.query(api.checkpoints.stored, { sessionId })).map(({ commit, chain, place }) => [
    commit,
    chain,
    place,
  ]);
const later = (ms: number) => vi.setSystemTime(Date.now() + ms);
const removable = async () =>
  (await db.service.query(api.due.stored, { now: Date.now() })).items.map((item) => item.checkpointId);
const dueSaves = async () => (await db.service.query(api.due.saves, { now: Date.now() })).items;
const session = async () => await ada.as.query(api.sandboxSessions.get, { sessionId });
const log = async () =>
  (await ada.as.query(api.events.list, { sessionId, after: 0, limit: 500 })).events.map((event) => ({
    type: event.type,
    payload: JSON.parse(event.payload) as Record<string, unknown>,
  }));
const end = async () => {
  await ada.as.mutation(api.sandboxSessions.stop, { sessionId });
  await db.service.mutation(api.sandboxSessions.cleanedUp, { sessionId });
};
/** Another server goes on with the session, whose agent has forgotten it. */
async function goOn(checkpointId: Id<"checkpoints">): Promise<void> {
  const claimed = await db.service.mutation(api.sessionLeases.claim, { sessionId, holder: "new" });
  await db.service.mutation(api.sandboxSessions.finishProvisioning, {
    sessionId,
    generation: claimed!,
    agentSessionId: "another",
    acpServerId: "server",
    durationMs: 1,
    cursor: 7,
    restored: { checkpointId, history: "recap" },
  });
}
/** What the agent is told with the message that is queued first. */
async function prompt(): Promise<string> {
  const { queued } = await db.service.query(api.sessionCommands.inbox, { sessionId });
  const command = queued[0]?.command;
  if (command?.kind !== "prompt") throw new Error("no prompt");
  return command.text;
}

test("a checkpoint is seen once it is verified, and the next leans on it", async () => {
  const first = await begins();
  expect(first.previous).toBeNull();
  expect(await stored()).toEqual([]);
  expect((await begin()).begun).toEqual({ state: "busy" });
  expect(await finish(first, "one", null)).toBe(true);
  expect(await session()).toMatchObject({ checkpointId: first.checkpointId, savedBytes: 100 });
  const second = await begins();
  expect(second.previous).toBe("one");
  expect(await finish(second, "two", "one")).toBe(true);
  expect(await stored()).toEqual([
    ["two", 1, 1],
    ["one", 1, 0],
  ]);
  const created = (await log()).filter(({ type }) => type === "checkpoint.created");
  expect(created.map(({ payload }) => payload["checkpoint_id"])).toEqual([
    first.checkpointId,
    second.checkpointId,
  ]);
});

test("a try that took too long is over: another server's counts, and what it stored is removed", async () => {
  const slow = await begins();
  later(CHECKPOINT_TIMES.claimMs);
  const quick = await begins();
  expect(await finish(slow, "slow", null)).toBe(false);
  expect(await finish(quick, "quick", null)).toBe(true);
  expect(await finish({ ...quick, storedAs: "other" }, "again", null)).toBe(false);
  expect(await removable()).toEqual([]);
  later(3 * CHECKPOINT_TIMES.claimMs);
  expect(await removable()).toEqual([slow.checkpointId]);
  await db.service.mutation(api.checkpoints.removed, { checkpointId: slow.checkpointId });
  await db.service.mutation(api.checkpoints.removed, { checkpointId: quick.checkpointId });
  expect(await stored()).toEqual([["quick", 1, 0]]);
});

test("a server that says it is still at it keeps a checkpoint; one that has died holds it for seconds alone", async () => {
  const says = async (storedAs: string) =>
    await db.service.mutation(api.checkpoints.begin, { sessionId, cause: "turn", storedAs, saysAlive: true });
  const first = await says("first");
  if (first.state !== "begun") throw new Error(first.state);
  const ofTry = { checkpointId: first.checkpointId, storedAs: "first" };
  for (let beat = 0; beat < 6; beat += 1) {
    later(CHECKPOINT_TIMES.silentMs - 1);
    // Not due again either, as far as the sweep is concerned.
    expect([(await says("second")).state, await dueSaves()]).toEqual(["busy", []]);
    await db.service.mutation(api.checkpoints.alive, ofTry);
    // A server that has lost it can't keep it.
    await db.service.mutation(api.checkpoints.alive, { ...ofTry, storedAs: "other" });
  }
  // However long it says so, it has a limit.
  later(CHECKPOINT_TIMES.claimMs - 6 * (CHECKPOINT_TIMES.silentMs - 1));
  expect(await dueSaves()).toMatchObject([{ cause: "turn" }]);
  const second = await says("second");
  expect(second).toMatchObject({ state: "begun" });
  later(CHECKPOINT_TIMES.silentMs);
  expect(await dueSaves()).toMatchObject([{ cause: "turn" }]);
  expect(await says("third")).toMatchObject({ state: "begun" });
  await db.service.mutation(api.checkpoints.alive, ofTry);
  expect(await finish({ checkpointId: first.checkpointId, storedAs: "first" }, "one", null)).toBe(false);
});

test("one that leans on what is not there does not count", async () => {
  await saved("one");
  const next = await begins();
  expect(await finish(next, "two", "another")).toBe(false);
  expect(await stored()).toEqual([["one", 1, 0]]);
});

test("a failure is logged once, tried again after ever longer, and over with the next success", async () => {
  const pauses: number[] = [];
  for (let round = 0; round < 3; round += 1) {
    const one = await begins();
    const told = { checkpointId: one.checkpointId, storedAs: one.storedAs, error: "No room." };
    await db.service.mutation(api.checkpoints.fail, told);
    const before = Date.now();
    while ((await dueSaves()).length === 0) later(1_000);
    pauses.push(Date.now() - before);
  }
  expect(pauses).toEqual([5_000, 10_000, 20_000]);
  expect((await log()).filter(({ type }) => type === "checkpoint.failed")).toHaveLength(1);
  await saved("one");
  later(HOUR_MS);
  expect(await dueSaves()).toEqual([]);
});

test("a turn's end and work by hand are saved without being asked for", async () => {
  expect(await dueSaves()).toEqual([]);
  const { runId } = await ada.as.mutation(api.runs.start, { sessionId, message: "hi" });
  await db.service.mutation(api.events.append, {
    sessionId,
    generation,
    batch: 1,
    cursor: 1,
    events: [],
    runEnd: { runId, ending: { status: "completed", output: "", stopReason: "end_turn" } },
  });
  expect(await dueSaves()).toMatchObject([{ sessionId, cause: "turn" }]);
  await saved("one");
  expect(await dueSaves()).toEqual([]);
  // The next message doesn't wait for another one, as long as the agent is alone.
  expect((await begin("turn")).begun).toEqual({ state: "none" });
  await ada.as.mutation(api.sandboxSessions.keepalive, { sessionId });
  expect(await dueSaves()).toEqual([]);
  later(CHECKPOINT_TIMES.workMs + 1);
  expect(await dueSaves()).toMatchObject([{ cause: "work" }]);
  const unchanged = async (work: () => Promise<unknown> = async () => undefined) => {
    const { checkpointId, storedAs } = await begins("work");
    await work();
    await db.service.mutation(api.checkpoints.unchanged, { checkpointId, storedAs });
  };
  await unchanged();
  expect(await stored()).toEqual([["one", 1, 0]]);
  expect(await dueSaves()).toEqual([]);
  // What is done while one is taken may not be in it.
  await unchanged(async () => await ada.as.mutation(api.sandboxSessions.keepalive, { sessionId }));
  later(CHECKPOINT_TIMES.workMs + 1);
  expect(await dueSaves()).toMatchObject([{ cause: "work" }]);
});

test("a chain has an end, and the one before the last is kept", async () => {
  const all = CHECKPOINT_LIMITS.chain * 2 + 1;
  for (let count = 1; count <= all; count += 1) await saved(`c${count}`);
  const kept = await stored();
  expect(kept[0]).toEqual([`c${all}`, 3, 0]);
  expect(new Set(kept.map(([, chain]) => chain))).toEqual(new Set([2, 3]));
  later(3 * CHECKPOINT_TIMES.claimMs);
  const gone = await removable();
  expect(gone).toHaveLength(CHECKPOINT_LIMITS.chain);
  const bytes = async () =>
    await db.t.run(async (ctx) => (await ctx.db.query("checkpointUsage").collect())[0]?.bytes);
  expect(await bytes()).toBe(10 * all);
  for (const checkpointId of gone) await db.service.mutation(api.checkpoints.removed, { checkpointId });
  expect(await bytes()).toBe(10 * (all - CHECKPOINT_LIMITS.chain));
});

test("an organization's limit ends saving, and says so", async () => {
  const { organizationId } = ada;
  await db.t.run(
    async (ctx) =>
      await ctx.db.insert("checkpointUsage", {
        organizationId,
        bytes: CHECKPOINT_LIMITS.maxOrganizationBytes,
      }),
  );
  expect((await begin()).begun).toEqual({ state: "full" });
  const failed = (await log()).find(({ type }) => type === "checkpoint.failed");
  expect(failed?.payload["error"]).toMatch(/limit of 50 GB/);
});

test("an admin sets the limit lower, and what is left out by name", async () => {
  const { organizationId } = ada;
  const change = { saved_work_gb: 1, not_saved: ["dist"] };
  await ada.as.mutation(api.organizationSettings.set, change);
  expect((await begin()).begun).toMatchObject({ state: "begun", skip: ["dist"] });
  expect(await ada.as.query(api.savedWork.storage, {})).toMatchObject({
    limitBytes: 1e9,
    notSaved: ["dist"],
  });
  await db.t.run(async (ctx) => await ctx.db.insert("checkpointUsage", { organizationId, bytes: 1e9 }));
  vi.advanceTimersByTime(CHECKPOINT_TIMES.claimMs);
  expect((await begin()).begun).toEqual({ state: "full" });
  for (const wrong of [{ saved_work_gb: 51 }, { not_saved: ["a/b"] }, { not_saved: [".git"] }])
    await expect(ada.as.mutation(api.organizationSettings.set, wrong)).rejects.toMatchObject({
      data: { code: "invalid_request" },
    });
});

test("a session goes on from its checkpoint, once its sandbox is gone, for who may drive it", async () => {
  const { checkpointId } = await saved("one");
  await ada.as.mutation(api.sandboxSessions.stop, { sessionId });
  const resume = async (who = ada) => await who.as.mutation(api.sessionResume.start, { sessionId });
  await expect(resume()).rejects.toMatchObject({ data: { kind: "session_still_saving" } });
  await db.service.mutation(api.sandboxSessions.cleanedUp, { sessionId });
  const vera = await member(db, "vera", "viewer", "ada");
  await expect(resume(vera)).rejects.toMatchObject({ data: { code: "forbidden" } });
  const eve = await member(db, "eve");
  await expect(resume(eve)).rejects.toMatchObject({ data: { code: "not_found" } });
  expect(await resume()).toMatchObject({ status: "provisioning", sandboxId: null, checkpointId });
  // A second click changes nothing.
  expect(await resume()).toMatchObject({ status: "provisioning" });
  const resumptions = (await log()).filter(({ type }) => type === "session.resumed");
  expect(resumptions.map(({ payload }) => payload["resumed_by"])).toEqual(["ada"]);

  await goOn(checkpointId);
  expect(await session()).toMatchObject({ status: "ready", agentSessionId: "another" });
  await ada.as.mutation(api.runs.start, { sessionId, message: "go on" });
  const text = await prompt();
  // An agent that has forgotten is told, once.
  expect(text).toMatch(/memory of this conversation was lost[\s\S]*go on$/);
});

test("a session of many long turns goes on, and an agent that has forgotten is told the last of them", async () => {
  const { checkpointId } = await saved("one");
  await ada.as.mutation(api.sandboxSessions.stop, { sessionId });
  await db.service.mutation(api.sandboxSessions.cleanedUp, { sessionId });
  // Together more than one function may read. Those that failed were last, whatever an index of states says.
  for (let turn = 0; turn < 40; turn += 1)
    await db.t.run(async (ctx) =>
      ctx.db.insert("runs", {
        organizationId: ada.organizationId,
        sessionId,
        userId: ada.userId,
        input: `turn ${turn}`,
        rpcId: `r${turn}`,
        status: turn < 38 ? "completed" : "failed",
        output: turn < 34 ? "x".repeat(700_000) : `answer ${turn}`,
        totalInputTokens: 0,
        totalOutputTokens: 0,
        totalCostMicroUsd: 0,
      }),
    );
  await ada.as.mutation(api.runs.start, { sessionId, message: "go on" });
  await goOn(checkpointId);
  const text = await prompt();
  const turns = [...text.matchAll(/They asked: (.+)/g)].map(([, said]) => said);
  expect(turns).toEqual([34, 35, 36, 37, 38, 39].map((turn) => `turn ${turn}`));
});

test("what was passed over when a session was resumed is leaned on by nothing", async () => {
  const first = await saved("one");
  await saved("spoiled");
  await end();
  await ada.as.mutation(api.sessionResume.start, { sessionId });
  const claimed = await db.service.mutation(api.sessionLeases.claim, { sessionId, holder: "new" });
  await db.service.mutation(api.sandboxSessions.attachSandbox, {
    sessionId,
    generation: claimed!,
    sandboxId: "sandbox-2",
  });
  await db.service.mutation(api.sandboxSessions.finishProvisioning, {
    sessionId,
    generation: claimed!,
    agentSessionId: "a",
    acpServerId: "server",
    durationMs: 1,
    restored: { checkpointId: first.checkpointId, history: "kept" },
  });
  const next = await begins();
  expect(next.previous).toBeNull();
  expect(await finish(next, "two", null)).toBe(true);
  expect((await stored())[0]).toEqual(["two", 2, 0]);
});

test("an ended session, or one whose log is gone, is not saved; an archived one is not resumed", async () => {
  await end();
  expect((await begin()).begun).toEqual({ state: "none" });
  await ada.as.mutation(api.sessionLists.archive, { sessionId, archived: true });
  await expect(ada.as.mutation(api.sessionResume.start, { sessionId })).rejects.toMatchObject({
    data: { kind: "session_archived" },
  });
  await db.t.run(async (ctx) => ctx.db.patch(sessionId, { archivedAt: undefined, logRemovedAt: 1 }));
  await expect(ada.as.mutation(api.sessionResume.start, { sessionId })).rejects.toMatchObject({
    data: { kind: "session_log_gone" },
  });
});

test("what is saved goes with its session's log, once that has been kept for long enough", async () => {
  const { checkpointId } = await saved("one");
  const begun = await begins();
  await end();
  await ada.as.mutation(api.organizationSettings.set, { session_log_retention_days: 30 });
  const step = async () =>
    await db.t.run(async (ctx) => await retentionStep(ctx, ada.organizationId, Date.now()));
  later(29 * 24 * HOUR_MS);
  expect(await step()).toBe(false);
  expect(await stored()).toHaveLength(1);
  later(2 * 24 * HOUR_MS);
  while (await step());
  // Also what was on its way: both are removed where they are stored, and no longer count.
  expect(new Set(await removable())).toEqual(new Set([checkpointId, begun.checkpointId]));
  expect(await finish(begun, "late", null)).toBe(false);
  expect(await stored()).toEqual([]);
  expect(await session()).toMatchObject({ checkpointId: null, savedAt: null, savedBytes: null });
  await expect(ada.as.mutation(api.sessionResume.start, { sessionId })).rejects.toMatchObject({
    data: { kind: "session_log_gone" },
  });
  for (const id of await removable()) {
    expect(await db.service.mutation(api.checkpoints.release, { checkpointId: id })).toBe(true);
    await db.service.mutation(api.checkpoints.removed, { checkpointId: id });
  }
  const usage = await db.t.run(async (ctx) => await ctx.db.query("checkpointUsage").collect());
  expect(usage.map(({ bytes }) => bytes)).toEqual([0]);
});

test("an organization's rows wait until what is stored of them is removed", async () => {
  const { checkpointId } = await saved("one");
  await end();
  const { organizationId } = ada;
  const step = async () => await db.t.run(async (ctx) => await eraseStep(ctx, organizationId));
  let state = await step();
  while (state === "more") state = await step();
  expect(state).toBe("waiting");
  later(3 * CHECKPOINT_TIMES.claimMs);
  expect(await removable()).toEqual([checkpointId]);
  await db.service.mutation(api.checkpoints.removed, { checkpointId });
  while (state !== "none") state = await step();
  expect(await db.t.run(async (ctx) => await ctx.db.query("checkpointUsage").collect())).toEqual([]);
});
