import { expect, test } from "vitest";
import { api } from "#convex/_generated/api.js";
import { beginTurn, endTurn, freshTurns, save, turn } from "./checkpoint-run.ts";
import { sessionId } from "./ready-session.ts";
import { member } from "./support.ts";
import { ada, db } from "./world.ts";

freshTurns();

const page = async (numItems: number, cursor: string | null = null, who = ada) =>
  await who.as.query(api.sessionCheckpoints.list, { sessionId, paginationOpts: { numItems, cursor } });

test("checkpoints are listed a page at a time, the latest first, each with its turn and its size", async () => {
  const before = await save("before");
  const runId = await turn();
  const after = await save("after");
  const first = await page(1);
  expect(first.page).toMatchObject([
    { id: after, runId, betweenTurns: true, cause: "turn", sizeBytes: 100, storedBytes: 10, files: 2 },
  ]);
  expect(first.isDone).toBe(false);
  const second = await page(10, first.continueCursor);
  expect(second.page).toMatchObject([{ id: before, runId: null, betweenTurns: true }]);
});

test("one during which a turn was at work is of no turn, whenever that began or ended", async () => {
  let runId = await beginTurn();
  await save("in a turn", { cause: "work" });
  await save("until its end", { cause: "work" }, async () => await endTurn(runId));
  await save("into the next", { cause: "work" }, async () => {
    runId = await beginTurn();
  });
  await endTurn(runId);
  await save("over a whole one", { cause: "work" }, async () => await turn());
  const { page: found } = await page(10);
  expect(found.map(({ betweenTurns }) => betweenTurns)).toEqual([false, false, false, false]);
});

test("a message that the agent has not been told of yet changes nothing", async () => {
  const runId = await turn();
  await save("after it", {}, async () => {
    await ada.as.mutation(api.runs.start, { sessionId, message: "next" });
  });
  expect((await page(1)).page).toMatchObject([{ runId, betweenTurns: true }]);
});

test("a person has a session saved where no turn is at work, if they may drive it", async () => {
  const request = async (who = ada) => await who.as.mutation(api.sessionCheckpoints.request, { sessionId });
  expect(await request()).toBe(sessionId);
  expect((await db.service.query(api.due.saves, { now: Date.now() + 1_000 })).items).toMatchObject([
    { cause: "asked" },
  ]);
  const mia = await member(db, "mia", "member", "ada");
  await expect(request(mia)).rejects.toMatchObject({ data: { kind: "starter_or_admin_only" } });
  await beginTurn();
  await expect(request()).rejects.toMatchObject({ data: { code: "turn_running" } });
  await ada.as.mutation(api.sandboxSessions.stop, { sessionId });
  await expect(request()).rejects.toMatchObject({ data: { kind: "session_ended" } });
});

test("another organization sees nothing of them", async () => {
  await save("one");
  const eve = await member(db, "eve");
  await expect(page(10, null, eve)).rejects.toMatchObject({ data: { code: "not_found" } });
});
