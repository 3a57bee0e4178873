import { beforeEach, expect, test } from "vitest";
import { api, internal } from "#convex/_generated/api.js";
import type { Id } from "#convex/_generated/dataModel.js";
import { dayOf } from "#domain/usage-report.ts";
import { member, readySession } from "./support.ts";
import { AGENT } from "./things.ts";
import { ada, db, freshWorld } from "./world.ts";

freshWorld();

const FROM = "2020-01-01";
const CALL = {
  provider: "demo",
  model: "demo",
  keySource: "platform" as const,
  inputTokens: 100,
  cachedTokens: 40,
  outputTokens: 10,
  costMicroUsd: 7,
};
let agentId: string;
let sessionId: Id<"sandboxSessions">;
beforeEach(async () => {
  ({ id: agentId } = await ada.as.mutation(api.agents.create, AGENT));
  ({ sessionId } = await readySession(db, ada, { agentId }));
});
const record = async (requestId: string, of = sessionId) =>
  await db.service.mutation(api.usage.record, { sessionId: of, requestId, ...CALL });
const used = async () => await ada.as.query(api.usageReports.ofAgent, { agentId, from: FROM });
const migrate = async (name: "agentRuns" | "agentUse") =>
  await db.t.mutation(internal.migrations[name], { fn: `migrations:${name}`, cursor: null });

test("an agent's day has each of its runs and calls once, of all of its sessions and no others", async () => {
  const second = await readySession(db, ada, { agentId });
  const other = await readySession(db, ada);
  await ada.as.mutation(api.runs.start, { sessionId, message: "hi" });
  for (const id of ["r1", "r2", "r1"]) await record(id);
  await record("r3", second.sessionId);
  await record("r4", other.sessionId);
  expect(await used()).toEqual([
    {
      day: dayOf(Date.now()),
      runs: 1,
      calls: 3,
      inputTokens: 300,
      cachedTokens: 120,
      outputTokens: 30,
      costMicroUsd: 21,
    },
  ]);
  const eve = await member(db, "eve");
  await expect(eve.as.query(api.usageReports.ofAgent, { agentId, from: FROM })).rejects.toMatchObject({
    data: { kind: "agent_not_found" },
  });
});

test("what was used before is added once, whether the migration or a call comes first", async () => {
  await ada.as.mutation(api.runs.start, { sessionId, message: "hi" });
  await record("r1");
  const second = await readySession(db, ada, { agentId });
  await record("r2", second.sessionId);
  const whole = await used();
  // As an earlier release has left it.
  await db.t.run(async (ctx) => {
    for (const row of await ctx.db.query("agentDaily").collect()) await ctx.db.delete(row._id);
    for (const row of await ctx.db.query("usageDaily").collect())
      await ctx.db.patch(row._id, { agentCounted: undefined });
    for (const row of await ctx.db.query("runs").collect())
      await ctx.db.patch(row._id, { agentCounted: undefined });
  });
  // A call of one session comes before the migration does.
  await record("r3");
  for (let round = 0; round < 2; round += 1)
    for (const name of ["agentRuns", "agentUse"] as const) await migrate(name);
  const [day] = await used();
  expect(day).toMatchObject({
    ...whole[0],
    calls: 3,
    inputTokens: 300,
    cachedTokens: 120,
    outputTokens: 30,
    costMicroUsd: 21,
  });
});
