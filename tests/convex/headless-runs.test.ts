import { expect, test } from "vitest";
import { api } from "#convex/_generated/api.js";
import { SPENT_MS } from "#convex/model/spent.ts";
import { member, readySession } from "./support.ts";
import { AGENT, HEADLESS, leaveFor } from "./things.ts";
import { ada, db, freshWorld } from "./world.ts";

freshWorld();

const page = { paginationOpts: { numItems: 20, cursor: null } };
const count = async () =>
  await db.t.run(async (ctx) => ({
    sessions: (await ctx.db.query("sandboxSessions").collect()).length,
    runs: (await ctx.db.query("runs").collect()).length,
  }));

test("a run comes with a session of its own, and waits until that is ready", async () => {
  const { runId, sessionId } = await ada.by.mutation(api.headlessRuns.start, HEADLESS);
  expect(await ada.as.query(api.runs.get, { runId })).toMatchObject({
    sessionId,
    status: "pending",
    input: "check the links",
    provider: "demo",
    model: "demo",
  });
  expect(await ada.as.query(api.sandboxSessions.get, { sessionId })).toMatchObject({
    status: "provisioning",
    title: "t",
  });
});

test("asked for again under the same name, it is made once; something else under it is refused", async () => {
  const { id: agentId } = await ada.as.mutation(api.agents.create, AGENT);
  const asked = { ...HEADLESS, agentId, requestKey: "nightly-1" };
  const { message } = HEADLESS;
  expect(
    await ada.by.query(api.headlessRuns.known, { message, agentId, requestKey: "nightly-1" }),
  ).toBeNull();
  const first = await ada.by.mutation(api.headlessRuns.start, asked);
  expect(await ada.by.mutation(api.headlessRuns.start, asked)).toEqual(first);
  expect(await ada.by.query(api.headlessRuns.known, { message, agentId, requestKey: "nightly-1" })).toEqual(
    first,
  );
  expect(await count()).toEqual({ sessions: 1, runs: 1 });
  for (const other of [
    { ...asked, message: "delete the links" },
    { ...HEADLESS, requestKey: "nightly-1" },
  ])
    await expect(ada.by.mutation(api.headlessRuns.start, other)).rejects.toMatchObject({
      data: { kind: "request_key_reused" },
    });
  // The name is its person's own.
  const bob = await member(db, "bob", "member", "ada");
  expect(await bob.by.mutation(api.headlessRuns.start, asked)).not.toEqual(first);
});

test("the name of a run that was deleted is free again, each time", async () => {
  const asked = { ...HEADLESS, requestKey: "again" };
  for (let round = 0; round < 3; round += 1) {
    const { sessionId } = await ada.by.mutation(api.headlessRuns.start, asked);
    await ada.as.mutation(api.sessionDeletion.remove, { sessionId });
    expect(
      await ada.by.query(api.headlessRuns.known, { message: HEADLESS.message, requestKey: "again" }),
    ).toBeNull();
  }
});

test("two clicks at the same moment make one run", async () => {
  const asked = { ...HEADLESS, requestKey: "twice" };
  const both = await Promise.all([
    ada.by.mutation(api.headlessRuns.start, asked),
    ada.by.mutation(api.headlessRuns.start, asked),
  ]);
  expect(both[0]).toEqual(both[1]);
  expect(await count()).toEqual({ sessions: 1, runs: 1 });
});

test("a name lasts a day", async () => {
  await ada.by.mutation(api.headlessRuns.start, { ...HEADLESS, requestKey: "old" });
  const left = async (now: number) =>
    await db.t.run(async (ctx) => {
      const { removeSpent } = await import("#convex/model/spent.ts");
      await removeSpent(ctx, now);
      return (await ctx.db.query("runRequests").collect()).length;
    });
  expect(await left(Date.now())).toBe(1);
  expect(await left(Date.now() + SPENT_MS + 1_000)).toBe(0);
});

test("nothing is made where one half is refused", async () => {
  await ada.as.mutation(api.organizationSettings.set, { max_live_sessions: 1 });
  await ada.by.mutation(api.headlessRuns.start, HEADLESS);
  await expect(ada.by.mutation(api.headlessRuns.start, HEADLESS)).rejects.toMatchObject({
    data: { code: "session_limit" },
  });
  const viewer = await member(db, "vera", "viewer", "ada");
  await expect(viewer.by.mutation(api.headlessRuns.start, HEADLESS)).rejects.toMatchObject({
    data: { code: "forbidden" },
  });
  expect(await count()).toEqual({ sessions: 1, runs: 1 });
});

test("runs are narrowed by model, time and cost", async () => {
  const { sessionId } = await readySession(db, ada);
  const { runId } = await ada.as.mutation(api.runs.start, { sessionId, message: "hi" });
  await db.t.run(async (ctx) => await ctx.db.patch(runId, { totalCostMicroUsd: 500 }));
  const { _creationTime: at } = await ada.as.query(api.runs.get, { runId });
  const found = async (filter: object) =>
    (await ada.as.query(api.runs.list, { ...page, ...filter })).page.length;
  expect(await found({ provider: "demo", model: "demo", minCostMicroUsd: 500 })).toBe(1);
  expect(await found({ from: Math.floor(at), until: Math.ceil(at) + 1 })).toBe(1);
  for (const filter of [
    { model: "other" },
    { provider: "xai" },
    { minCostMicroUsd: 501 },
    { from: Math.ceil(at) + 1 },
    { until: Math.floor(at) },
  ])
    expect(await found(filter), JSON.stringify(filter)).toBe(0);
});

test("what all agents ask leave for is listed until it is decided, and to nobody else", async () => {
  const { sessionId, generation } = await readySession(db, ada);
  const { runId } = await ada.as.mutation(api.runs.start, { sessionId, message: "hi" });
  const events = [{ ...leaveFor("a", "ls"), runId }];
  await db.service.mutation(api.events.append, { sessionId, generation, batch: 1, events });
  const eve = await member(db, "eve");
  const open = async (who: typeof ada) => (await who.as.query(api.approvals.open, page)).page;
  expect(await open(ada)).toMatchObject([{ sessionId, runId, key: "a", tool: "bash", summary: "Run ls" }]);
  expect(await open(eve)).toEqual([]);
  await ada.as.mutation(api.approvals.decide, { runId, key: "a", decision: "denied" });
  expect(await open(ada)).toEqual([]);
});
