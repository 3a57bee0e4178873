import { expect, test } from "vitest";
import { api, internal } from "#convex/_generated/api.js";
import { append, ask as askLeave, freshRun, runId } from "./approval-world.ts";
import { sessionId } from "./ready-session.ts";
import { member } from "./support.ts";
import { questionOf } from "./things.ts";
import { ada, db } from "./world.ts";

freshRun();

const ask = async (key: string, command = "npm test") => await askLeave(key, command);
const question = async (key: string) => await append(questionOf(key));

const first = { numItems: 10, cursor: null };
const list = async (filter: object = {}, who = ada) =>
  (await who.as.query(api.approvals.open, { paginationOpts: first, ...filter })).page;
const keys = async (filter: object = {}) => (await list(filter)).map(({ key }) => key);

test("everything that waits is listed with its session, its kinds and who asked", async () => {
  await ask("a");
  await ask("b", "npm test && git push");
  expect(await keys({ oldestFirst: true })).toEqual(["a", "b"]);
  expect((await list())[0]).toMatchObject({
    key: "b",
    sessionId,
    environment: "development",
    acts: ["run", "push"],
    askedById: ada.userId,
    decision: "pending",
    decidedBy: null,
  });
  expect(await keys({ act: "push" })).toEqual(["b"]);
  expect(await keys({ environment: "production" })).toEqual([]);
  expect(await keys({ sessionId })).toEqual(["b", "a"]);
});

test("what was decided is listed as such, with who did", async () => {
  await ask("a");
  await ask("b");
  await ada.as.mutation(api.approvals.decide, { runId, key: "a", decision: "denied" });
  expect(await keys()).toEqual(["b"]);
  expect(await list({ decision: "denied" })).toMatchObject([
    { key: "a", reason: "person", decidedById: ada.userId, decidedBy: expect.stringContaining("ada") },
  ]);
  const whole = await ada.as.query(api.approvals.get, { runId, key: "a" });
  expect(whole).toMatchObject({ decision: "denied", session: { id: sessionId } });
});

test("questions and requests are counted together, as they come and go", async () => {
  const count = async () => (await ada.as.query(api.approvals.waiting, {})).count;
  expect(await count()).toBe(0);
  await ask("a");
  await question("q");
  expect(await count()).toBe(2);
  const open = await ada.as.query(api.questions.open, { paginationOpts: first });
  expect(open.page).toMatchObject([{ key: "q", sessionId, questions: [{ question: "Which?" }] }]);
  await ada.as.mutation(api.approvals.decide, { runId, key: "a", decision: "approved" });
  expect(await count()).toBe(1);
  await ada.as.mutation(api.questions.answer, { within: { runId }, key: "q", answers: null });
  expect(await count()).toBe(0);
  const over = await ada.as.query(api.questions.get, { runId, key: "q" });
  expect(over).toMatchObject({ outcome: "dismissed", answeredById: ada.userId });
});

test("another organization sees, counts and reads nothing of it", async () => {
  await ask("a");
  await question("q");
  const eve = await member(db, "eve");
  expect(await list({}, eve)).toEqual([]);
  expect(await eve.as.query(api.approvals.waiting, {})).toEqual({ count: 0, hasMore: false });
  expect((await eve.as.query(api.questions.open, { paginationOpts: first })).page).toEqual([]);
  await expect(list({ sessionId }, eve)).rejects.toThrow("no such session");
  await expect(eve.as.query(api.approvals.get, { runId, key: "a" })).rejects.toThrow("no such run");
  await expect(eve.as.query(api.questions.get, { runId, key: "q" })).rejects.toThrow("no such run");
});

test("what a deleted session asked is neither listed nor counted", async () => {
  await ask("a");
  await question("q");
  await ada.as.mutation(api.sessionDeletion.remove, { sessionId });
  expect(await list()).toEqual([]);
  expect(await list({ decision: "denied" })).toEqual([]);
  expect((await ada.as.query(api.approvals.waiting, {})).count).toBe(0);
});

test("rows from before kinds were noted get them, and until then may be of any", async () => {
  await ask("a");
  await ask("b");
  await db.t.run(async (ctx) => {
    for (const row of await ctx.db.query("approvals").collect())
      await ctx.db.patch(row._id, {
        acts: undefined,
        askedById: undefined,
        ...(row.key === "b" && { call: undefined }),
      });
  });
  expect(await keys({ act: "push" })).toEqual(["b"]);
  const fn = "migrations:approvalActs";
  await db.t.mutation(internal.migrations.approvalActs, { fn, cursor: null });
  await db.t.mutation(internal.migrations.approvalActs, { fn, cursor: null });
  expect(await list({ oldestFirst: true })).toMatchObject([
    { key: "a", acts: ["run"], askedById: ada.userId },
    { key: "b", acts: ["read", "write", "run", "network", "mcp", "push"], askedById: ada.userId },
  ]);
});
