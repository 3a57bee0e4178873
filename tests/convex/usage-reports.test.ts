import { expect, test } from "vitest";
import { api } from "../../convex/_generated/api.js";
import { database, member, readySession } from "./support.ts";

const DAY_MS = 86_400_000;

test("usage is summed up page by page, within the range and the organization", async () => {
  const db = database();
  const ada = await member(db, "ada");
  const eve = await member(db, "eve");
  const { sessionId } = await readySession(db, ada);
  const record = async (requestId: string, model: string) =>
    await db.service.mutation(api.usage.record, {
      sessionId,
      requestId,
      provider: "demo",
      model,
      keySource: "platform" as const,
      inputTokens: 100,
      cachedTokens: 40,
      outputTokens: 10,
      costMicroUsd: 7,
    });
  for (const [index, model] of ["demo", "demo", "other", "demo", "other"].entries())
    await record(`r${index}`, model);
  // The same call again counts no more.
  await record("r0", "demo");

  const since = Date.now() - DAY_MS;
  const read = async (cursor: string | null, numItems = 3) =>
    await ada.as.query(api.usageReports.page, { since, paginationOpts: { numItems, cursor } });
  const first = await read(null);
  expect(first).toMatchObject({ calls: 3, isDone: false });
  const second = await read(first.continueCursor);
  expect(second.calls).toBe(2);
  const sum = (model: string) =>
    [...first.groups, ...second.groups]
      .filter((group) => group.model === model)
      .reduce((total, group) => total + group.calls, 0);
  expect([sum("demo"), sum("other")]).toEqual([3, 2]);
  expect((await read(null, 100)).groups).toContainEqual({
    day: new Date().toISOString().slice(0, 10),
    provider: "demo",
    model: "demo",
    keySource: "platform",
    calls: 3,
    inputTokens: 300,
    cachedTokens: 120,
    outputTokens: 30,
    costMicroUsd: 21,
  });

  const { groups, people } = await ada.as.query(api.usageReports.page, {
    since,
    by: "member",
    paginationOpts: { numItems: 100, cursor: null },
  });
  expect(groups.map(({ userId, calls }) => [userId, calls])).toEqual([
    [ada.userId, 3],
    [ada.userId, 2],
  ]);
  expect(people).toEqual([{ userId: ada.userId, name: "ada" }]);

  const later = { since: Date.now() + DAY_MS, paginationOpts: { numItems: 10, cursor: null } };
  expect(await ada.as.query(api.usageReports.page, later)).toMatchObject({ groups: [], oldestAt: null });
  const theirs = { since, paginationOpts: { numItems: 10, cursor: null } };
  expect(await eve.as.query(api.usageReports.page, theirs)).toMatchObject({ groups: [], calls: 0 });
});

test("a call is counted for the person who sent the message, not for the one who made the session", async () => {
  const db = database();
  const ada = await member(db, "ada");
  const bob = await member(db, "bob", "admin", "ada");
  const { sessionId } = await readySession(db, ada);
  await bob.as.mutation(api.runs.start, { sessionId, message: "hi" });
  await db.service.mutation(api.usage.record, {
    sessionId,
    requestId: "r0",
    provider: "demo",
    model: "demo",
    keySource: "platform" as const,
    inputTokens: 1,
    cachedTokens: 0,
    outputTokens: 1,
    costMicroUsd: 1,
  });
  const { groups } = await ada.as.query(api.usageReports.page, {
    since: Date.now() - DAY_MS,
    by: "member",
    paginationOpts: { numItems: 10, cursor: null },
  });
  expect(groups.map(({ userId }) => userId)).toEqual([bob.userId]);
});
