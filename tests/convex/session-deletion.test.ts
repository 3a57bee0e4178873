import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { api } from "#convex/_generated/api.js";
import type { Id } from "#convex/_generated/dataModel.js";
import { ROW_STAYS_MS } from "#convex/model/deletion.ts";
import schema from "#convex/schema.ts";
import { member, readySession, settle } from "./support.ts";
import { AGENT, CHECKPOINT } from "./things.ts";
import { ada, db, freshWorld } from "./world.ts";

freshWorld();

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

const typedKeys = <T extends object>(of: T) => Object.keys(of) as (keyof T)[];
const page = { paginationOpts: { numItems: 10, cursor: null } };
const rows = async (sessionId: Id<"sandboxSessions">) =>
  await db.t.run(async (ctx) => {
    const found: Record<string, number> = {};
    // The books stay, and what is saved goes with what stores it.
    const kept = [
      "ledgerEntries",
      "usageRecords",
      "usageDaily",
      "creditHolds",
      "sandboxMeters",
      "checkpoints",
    ];
    for (const table of typedKeys(schema.tables).filter((name) => !kept.includes(name))) {
      const all = (await ctx.db.query(table).collect()) as { sessionId?: string }[];
      const own = all.filter((row) => row.sessionId === sessionId).length;
      if (own > 0) found[table] = own;
    }
    return { found, session: await ctx.db.get(sessionId) };
  });

/** A session at work, with a checkpoint. */
async function field() {
  const { id: agentId } = await ada.as.mutation(api.agents.create, AGENT);
  const { sessionId, generation } = await readySession(db, ada, { agentId });
  const { runId } = await ada.as.mutation(api.runs.start, { sessionId, message: "secret plans" });
  await db.service.mutation(api.apiKeys.createForSandbox, {
    sessionId,
    generation,
    keys: [{ kind: "gateway", hash: "h", last4: "wxyz" }],
  });
  const checkpointId = await db.t.run(async (ctx) => {
    const id = await ctx.db.insert("checkpoints", {
      ...CHECKPOINT,
      organizationId: ada.organizationId,
      sessionId,
      bytes: 7,
      workspaceBytes: 9,
    });
    await ctx.db.patch(sessionId, { checkpointId: id, savedAt: 1, savedBytes: 9 });
    await ctx.db.insert("sessionRewinds", {
      organizationId: ada.organizationId,
      sessionId,
      userId: ada.userId,
      status: "done",
      what: "files",
      toSeq: 0,
      turn: null,
      turnSeq: 0,
      checkpointId: id,
      overwrite: ["secret.txt"],
      keep: [],
      turnBefore: null,
      turnSeqBefore: 0,
    });
    return id;
  });
  return { sessionId, runId, checkpointId };
}

test("a deleted session is nowhere at once, says what it had, and is gone within a day", async () => {
  const { sessionId, runId, checkpointId } = await field();
  const { found } = await rows(sessionId);
  const deleted = await ada.as.mutation(api.sessionDeletion.remove, { sessionId });
  expect(deleted).toMatchObject({
    sandboxId: "sandbox-1",
    events: found.sessionEvents,
    checkpoints: 1,
    savedBytes: 9,
  });
  for (const call of [
    async () => await ada.as.query(api.sandboxSessions.get, { sessionId }),
    async () => await ada.as.query(api.events.list, { sessionId, after: 0, limit: 5 }),
    async () => await ada.as.query(api.runs.get, { runId }),
    async () => await ada.as.mutation(api.runs.start, { sessionId, message: "again" }),
    async () => await ada.as.mutation(api.sessionResume.start, { sessionId }),
    async () => await ada.as.mutation(api.sessionDeletion.remove, { sessionId }),
  ])
    await expect(call()).rejects.toMatchObject({ data: { code: "not_found" } });
  for (const filter of [
    {},
    { archived: true },
    { group: "stopped" },
    { text: "secret" },
    { text: "Deleted" },
  ] as const)
    expect((await ada.as.query(api.sessionLists.search, { ...page, ...filter })).page).toEqual([]);
  expect((await ada.as.query(api.runs.list, page)).page).toEqual([]);
  const checkpoint = await db.t.run(async (ctx) => await ctx.db.get(checkpointId));
  expect(checkpoint?.status).toBe("removing");

  await settle(db, 4);
  expect((await rows(sessionId)).found).not.toHaveProperty("sessionEvents");
  expect(JSON.stringify((await rows(sessionId)).session)).not.toContain("secret");
  // Its sandbox has not ended yet: the row is what reminds of it.
  vi.advanceTimersByTime(ROW_STAYS_MS);
  await settle(db, 4);
  expect((await rows(sessionId)).session).toMatchObject({ status: "stopped", cleanupPending: true });
  await db.service.mutation(api.sandboxSessions.cleanedUp, { sessionId });
  vi.advanceTimersByTime(ROW_STAYS_MS);
  await settle(db, 4);
  expect(await rows(sessionId)).toEqual({ found: {}, session: null });
  const entries = (await ada.as.query(api.audit.list, { paginationOpts: { numItems: 50, cursor: null } }))
    .page;
  expect(entries.map(({ action }) => action)).toEqual(
    expect.arrayContaining(["session.deleted", "session.purged"]),
  );
});

test("only its person and admins delete a session", async () => {
  const { sessionId } = await field();
  const bob = await member(db, "bob", "member", "ada");
  const eve = await member(db, "eve");
  await expect(bob.as.mutation(api.sessionDeletion.remove, { sessionId })).rejects.toMatchObject({
    data: { code: "forbidden" },
  });
  await expect(eve.as.mutation(api.sessionDeletion.remove, { sessionId })).rejects.toMatchObject({
    data: { code: "not_found" },
  });
  expect(await eve.as.query(api.sessionLists.counts, { sessionIds: [sessionId] })).toEqual([]);
});

test("what a log has had is counted as it is written, and guessed from the runs of an old one", async () => {
  const { sessionId } = await readySession(db, ada);
  await ada.as.mutation(api.runs.start, { sessionId, message: "one" });
  await ada.as.mutation(api.runs.start, { sessionId, message: "two" });
  const counts = async () =>
    (await ada.as.query(api.sessionLists.counts, { sessionIds: [sessionId] }))[0]?.counts;
  expect(await counts()).toEqual({
    messages: 2,
    runs: 2,
    llmCalls: 0,
    toolCalls: 0,
    toolsApproved: 0,
    toolsDenied: 0,
  });
  await db.t.run(async (ctx) => {
    const stream = await ctx.db.query("sessionStreams").first();
    await ctx.db.patch(stream!._id, { counts: undefined });
    const run = await ctx.db.query("runs").first();
    await ctx.db.patch(run!._id, { output: "done" });
  });
  expect(await counts()).toEqual({ messages: 3, runs: 2 });
});

test("a list is narrowed to live sessions", async () => {
  const live = await readySession(db, ada);
  const ended = await readySession(db, ada);
  await ada.as.mutation(api.sandboxSessions.stop, { sessionId: ended.sessionId });
  const found = await ada.as.query(api.sessionLists.search, { ...page, live: true });
  expect(found.page.map(({ id }) => id)).toEqual([live.sessionId]);
});
