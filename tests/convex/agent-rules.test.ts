import { expect, test } from "vitest";
import { api } from "#convex/_generated/api.js";
import { byKey, hashOf, member, readySession } from "./support.ts";
import { AGENT, leaveFor, RULE } from "./things.ts";
import { ada, db, freshWorld } from "./world.ts";

freshWorld();

const LS = { pattern: "builtin:shell:ls *", action: "auto_approve" as const };
const RM = { pattern: "builtin:shell:rm *", action: "auto_deny" as const, name: "No rm" };
const page = { paginationOpts: { numItems: 100, cursor: null } };
const patterns = async (agentId: string) =>
  (await ada.as.query(api.agents.rulesOf, { agentIds: [agentId] }))[0]?.rules.map(({ pattern }) => pattern);
const audited = async () =>
  (await db.t.run(async (ctx) => await ctx.db.query("auditEntries").collect()))
    .map(({ action }) => action)
    .filter((action) => action.startsWith("approval_rule."));

test("an agent comes with its rules, in their order, and they count in its sessions", async () => {
  const { id: agentId } = await ada.as.mutation(api.agents.create, { ...AGENT, rules: [RM, LS] });
  expect(await patterns(agentId)).toEqual([RM.pattern, LS.pattern]);
  const { page: listed } = await ada.as.query(api.approvalRules.list, { scope: "agent", agentId, ...page });
  expect(listed).toHaveLength(2);
  const { sessionId, generation } = await readySession(db, ada, { agentId });
  const { runId } = await ada.as.mutation(api.runs.start, { sessionId, message: "hi" });
  const events = ["rm x", "ls"].map((command, index) => ({
    ...leaveFor(`k${index}`, command, { summary: command }),
    runId,
  }));
  await db.service.mutation(api.events.append, { sessionId, generation, batch: 1, events });
  const decided = await ada.as.query(api.approvals.ofRun, { runId });
  expect(decided.map(({ summary, decision, decidedBy }) => [summary, decision, decidedBy])).toEqual([
    ["ls", "approved", "The rule “ls *”"],
    ["rm x", "denied", "The rule “No rm”"],
  ]);
  expect(await ada.as.query(api.agents.rulesInSession, { sessionId })).toHaveLength(2);
});

test("rules that are sent take the place of all, the same ones change nothing, and another order does", async () => {
  const { id: agentId, updatedAt } = await ada.as.mutation(api.agents.create, { ...AGENT, rules: [RM, LS] });
  await ada.as.mutation(api.agents.update, { agentId, rules: [RM, LS] });
  expect(await audited()).toEqual(["approval_rule.created", "approval_rule.created"]);
  const swapped = await ada.as.mutation(api.agents.update, { agentId, rules: [LS, RM] });
  expect(await patterns(agentId)).toEqual([LS.pattern, RM.pattern]);
  expect(swapped.updatedAt).toBeGreaterThanOrEqual(updatedAt);
  await ada.as.mutation(api.agents.update, {
    agentId,
    rules: [
      { ...RM, priority: 9 },
      { ...LS, enabled: false },
    ],
  });
  expect(await patterns(agentId)).toEqual([RM.pattern, LS.pattern]);
  await ada.as.mutation(api.agents.update, { agentId, rules: [] });
  expect(await patterns(agentId)).toEqual([]);
  await ada.as.mutation(api.agents.update, { agentId, temperature: 0.2 });
  expect(await patterns(agentId)).toEqual([]);
});

test("a member makes none, and a key needs leave for rules", async () => {
  const { id: agentId } = await ada.as.mutation(api.agents.create, AGENT);
  const bob = await member(db, "bob", "member", "ada");
  await expect(bob.as.mutation(api.agents.update, { agentId, rules: [LS] })).rejects.toMatchObject({
    data: { code: "forbidden" },
  });
  const keyId = await ada.by.mutation(api.apiKeys.create, {
    name: "k",
    environment: "development",
    scopes: ["agents:read", "agents:write"],
    hash: hashOf("k"),
    last4: "abcd",
  });
  const key = byKey(db, ada, keyId);
  await expect(key.mutation(api.agents.update, { agentId, rules: [LS] })).rejects.toMatchObject({
    data: { kind: "scope_missing" },
  });
  await key.mutation(api.agents.update, { agentId, temperature: 0.2 });
});

test.each([
  ["a pattern that is none", [{ ...LS, pattern: "ls" }], "rule_pattern"],
  ["more than an agent can have", Array.from({ length: 101 }, () => LS), "field_invalid"],
  ["a priority below all", [{ ...LS, priority: -1 }], "field_invalid"],
])("with %s there is no agent", async (_, rules, kind) => {
  await expect(ada.as.mutation(api.agents.create, { ...AGENT, rules })).rejects.toMatchObject({
    data: { kind },
  });
  expect((await ada.as.query(api.agents.list, page)).page).toEqual([]);
});

test("rules of another organization's agent are nobody's to see or set", async () => {
  const eve = await member(db, "eve");
  const { id: agentId } = await ada.as.mutation(api.agents.create, { ...AGENT, rules: [LS] });
  expect(await eve.as.query(api.agents.rulesOf, { agentIds: [agentId, "nothing"] })).toEqual([]);
  await expect(eve.as.mutation(api.agents.update, { agentId, rules: [] })).rejects.toMatchObject({
    data: { kind: "agent_not_found" },
  });
  await ada.as.mutation(api.approvalRules.create, { ...RULE, scope: "agent", agentId });
  expect(await patterns(agentId)).toContain(RULE.pattern);
});
