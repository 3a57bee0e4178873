import { beforeEach, expect, test } from "vitest";
import { api } from "#convex/_generated/api.js";
import type { Id } from "#convex/_generated/dataModel.js";
import { retentionStep } from "#convex/model/retention.ts";
import { MAX_KEPT_TEXTS } from "#domain/repeat.ts";
import { MAX_SKILL_REVISIONS } from "#domain/skills.ts";
import { makeReady, member, type Member, readySession } from "./support.ts";
import { AGENT, RULE, SERVER, SKILL } from "./things.ts";
import { ada, db, freshWorld } from "./world.ts";

freshWorld();

const TEMPLATE = "studio@1";
const MADE = { template: TEMPLATE, versions: { node: "24.1.0" }, buildId: null };
const FIRST = { name: "remember", hash: "1".repeat(64) };
const SECOND = { name: "recall", hash: "2".repeat(64) };
const toolsText = (names: string[]) =>
  JSON.stringify(names.map((name) => ({ inputSchema: { type: "object" }, name })));
const list = (digest: string, parts: { name: string; hash: string }[]) => ({
  tools: toolsText(parts.map(({ name }) => name)),
  digest: digest.repeat(64),
  count: parts.length,
  parts,
});

const plan = async (sessionId: string, who: Member = ada, more: { runId?: string } = {}) =>
  await who.by.query(api.sessionRepeats.plan, { sessionId, template: TEMPLATE, ...more });
const gapsOf = async (sessionId: string) => (await plan(sessionId)).gaps;
const repeat = async (sessionId: string, accepted: string[] = [], who: Member = ada) =>
  await who.by.mutation(api.sandboxSessions.create, {
    environment: "development",
    provider: "demo",
    model: "demo",
    keySource: "platform",
    title: "Repeat",
    repeats: { sessionId, template: TEMPLATE, accepted },
  });
const filesOf = async (sessionId: string) =>
  (await db.service.query(api.skills.forSandbox, { sessionId: sessionId as Id<"sandboxSessions"> })).files;

let agentId: string;
let skillId: Id<"skills">;
beforeEach(async () => {
  ({ id: skillId } = await ada.as.mutation(api.skills.create, { ...SKILL, name: "writer" }));
  ({ id: agentId } = await ada.as.mutation(api.agents.create, AGENT));
});
const change = async (body: string) => await ada.as.mutation(api.skills.update, { skillId, body });
const began = async () => (await readySession(db, ada, { agentId }, MADE)).sessionId;

test("a repeat has the agent and the skills as they were, whatever they are by now", async () => {
  const sessionId = await began();
  await change("# Something else\n");
  await ada.as.mutation(api.skills.create, { ...SKILL, name: "newer" });
  await ada.as.mutation(api.agents.update, { agentId, systemPrompt: "You write." });
  expect(await gapsOf(sessionId)).toEqual([]);
  const { id } = await repeat(sessionId);
  expect(await ada.as.query(api.agents.ofSession, { sessionId: id })).toMatchObject({
    systemPrompt: AGENT.systemPrompt,
    revision: 1,
  });
  const [file, ...others] = await filesOf(id);
  expect(others).toEqual([]);
  expect(file!.text).toContain(SKILL.body.trim());
  // What the skill says now is known, too: a file in the workspace that has it is nobody's change.
  expect(file!.hashes).toHaveLength(2);
  const shown = await ada.as.query(api.skills.ofSession, { sessionId: id });
  expect(shown.skills.map(({ name }) => name)).toEqual(["writer"]);
  const pins = await ada.as.query(api.sessionPins.ofSession, { sessionId: id });
  expect(pins).toMatchObject({ repeats: sessionId, began: { skills: [{ name: "writer", revision: 1 }] } });
  // A branch of it, and a repeat of the repeat, have the same.
  await makeReady(db, id as Id<"sandboxSessions">, MADE);
  const branch = await ada.by.mutation(api.sessionBranches.create, {
    sessionId: id,
    fromSeq: 1,
    provider: "demo",
    model: "demo",
    keySource: "platform",
  });
  const again = await repeat(id);
  for (const one of [branch.id, again.id]) expect((await filesOf(one))[0]!.text).toBe(file!.text);
});

test("a skill's text is kept beyond its revisions, to a bound, and forgotten with the skill", async () => {
  const sessionId = await began();
  const last = MAX_SKILL_REVISIONS + 3;
  for (let at = 1; at <= last; at += 1) await change(`# ${at}\n`);
  expect(await gapsOf(sessionId)).toEqual([]);
  expect((await filesOf((await repeat(sessionId)).id))[0]!.text).toContain(SKILL.body.trim());
  for (let at = last + 1; at <= MAX_SKILL_REVISIONS + MAX_KEPT_TEXTS + 2; at += 1) await change(`# ${at}\n`);
  const gone = [{ kind: "skill_text", name: "writer", parts: [] }];
  expect(await gapsOf(sessionId)).toEqual(gone);
  expect(await db.t.run(async (ctx) => (await ctx.db.query("keptSkillTexts").collect()).length)).toBe(
    MAX_KEPT_TEXTS,
  );
  await ada.as.mutation(api.skills.remove, { skillId });
  expect(await gapsOf(sessionId)).toEqual([{ ...gone[0], kind: "skill_gone" }]);
  expect(await db.t.run(async (ctx) => await ctx.db.query("keptSkillTexts").collect())).toEqual([]);
});

test("kept texts go as the organization's logs do", async () => {
  for (let at = 0; at < MAX_SKILL_REVISIONS + 1; at += 1) await change(`# ${at}\n`);
  const step = async (now: number) =>
    await db.t.run(async (ctx) => await retentionStep(ctx, ada.organizationId, now));
  const kept = async () => await db.t.run(async (ctx) => await ctx.db.query("keptSkillTexts").collect());
  const later = Date.now() + 40 * 24 * 3_600_000;
  expect(await step(later)).toBe(false);
  expect(await kept()).not.toEqual([]);
  await ada.as.mutation(api.organizationSettings.set, { session_log_retention_days: 30 });
  while (await step(later));
  expect(await kept()).toEqual([]);
});

test("what can't be had has to be accepted, each gap by what it is, and nothing begins before", async () => {
  const sessionId = await began();
  await ada.as.mutation(api.skills.update, { skillId, enabled: false });
  expect(await gapsOf(sessionId)).toEqual([{ kind: "skill_off", name: "writer", parts: [] }]);
  await expect(repeat(sessionId)).rejects.toMatchObject({
    data: { kind: "repeat_differs", params: { differs: [expect.stringContaining("writer")] } },
  });
  await expect(repeat(sessionId, ["skill_off:other", "skill_gone:writer"])).rejects.toMatchObject({
    data: { kind: "repeat_differs" },
  });
  const { id } = await repeat(sessionId, ["skill_off:writer"]);
  expect(await filesOf(id)).toEqual([]);
  // Turned on again, it is still none of the repeat's.
  await ada.as.mutation(api.skills.update, { skillId, enabled: true });
  expect(await filesOf(id)).toEqual([]);
});

test("rules that were are brought as the session's own, and lift nothing that is denied by now", async () => {
  const allow = { ...RULE, name: "listing", pattern: "builtin:shell:ls *", action: "auto_approve" as const };
  const { id: ruleId } = await ada.as.mutation(api.approvalRules.create, allow);
  const sessionId = await began();
  await ada.as.mutation(api.approvalRules.remove, { ruleId });
  await ada.as.mutation(api.approvalRules.create, { ...RULE, name: "no more", action: "auto_deny" });
  const [since] = await gapsOf(sessionId);
  expect(since).toEqual({ kind: "rules_since", name: null, parts: ["no more"] });
  const { id } = await repeat(sessionId, ["rules_since:no more"]);
  const rules = await db.t.run(
    async (ctx) =>
      await ctx.db
        .query("approvalRules")
        .withIndex("by_session", (q) => q.eq("sessionId", id as Id<"sandboxSessions">))
        .collect(),
  );
  expect(rules).toMatchObject([{ name: "listing", action: "auto_approve", isAdmins: false }]);
});

test("MCP servers are those that were, with the tools that are still the same", async () => {
  const { id: serverId } = await ada.by.mutation(api.mcpServers.save, {
    ...SERVER,
    name: "memory",
    sealed: { ciphertext: "c", version: 1 },
    dataKey: { wrapped: "w", kekVersion: 1 },
  });
  const approve = async (found: ReturnType<typeof list>) => {
    await ada.by.mutation(api.mcpServers.noteTest, { serverId, version: 1, status: "connected", found });
    await ada.as.mutation(api.mcpServers.enable, { serverId, enabled: true, seen: found.digest });
  };
  await approve(list("a", [FIRST, SECOND]));
  const { sessionId } = await readySession(db, ada, {}, MADE);
  const begin = async (id: string) =>
    await db.service.mutation(api.sessionMcp.begin, { sessionId: id as Id<"sandboxSessions"> });
  expect(await begin(sessionId)).toEqual([{ serverId, only: null }]);
  expect(await begin((await repeat(sessionId)).id)).toEqual([{ serverId, only: null }]);
  await approve(
    list("b", [FIRST, { ...SECOND, hash: "3".repeat(64) }, { name: "new", hash: "4".repeat(64) }]),
  );
  expect(await gapsOf(sessionId)).toEqual([{ kind: "mcp_changed", name: "memory", parts: ["recall"] }]);
  const { id } = await repeat(sessionId, ["mcp_changed:memory:recall"]);
  expect(await begin(id)).toEqual([{ serverId, only: ["remember"] }]);
  expect(await db.service.query(api.sessionMcp.namesOf, { sessionId: id as Id<"sandboxSessions"> })).toEqual([
    { name: "memory", tools: ["remember"] },
  ]);
  await approve(list("c", [{ ...FIRST, hash: "5".repeat(64) }]));
  expect(await gapsOf(sessionId)).toEqual([{ kind: "mcp_changed", name: "memory", parts: [] }]);
  const none = await repeat(sessionId, ["mcp_changed:memory"]);
  expect(await begin(none.id)).toEqual([]);
  await ada.as.mutation(api.mcpServers.enable, { serverId, enabled: false });
  expect(await gapsOf(sessionId)).toEqual([{ kind: "mcp_gone", name: "memory", parts: [] }]);
});

test("a template that is another, and a session that never started, are gaps", async () => {
  const sessionId = await began();
  const other = await ada.by.query(api.sessionRepeats.plan, { sessionId, template: "studio@2" });
  expect(other.gaps).toMatchObject([{ kind: "template" }]);
  const { id } = await repeat(sessionId);
  expect(await gapsOf(id)).toMatchObject([{ kind: "mcp_unknown" }]);
});

test("a run is one of the session's own, and a foreign session, a viewer and another environment repeat nothing", async () => {
  const sessionId = await began();
  const other = await began();
  const { runId: id } = await ada.as.mutation(api.runs.start, { sessionId: other, message: "hi" });
  await expect(plan(sessionId, ada, { runId: id })).rejects.toMatchObject({
    data: { kind: "run_not_found" },
  });
  expect((await plan(other, ada, { runId: id })).input).toBe("hi");
  const eve = await member(db, "eve");
  await expect(plan(sessionId, eve)).rejects.toMatchObject({ data: { kind: "session_not_found" } });
  await expect(repeat(sessionId, [], eve)).rejects.toMatchObject({ data: { kind: "session_not_found" } });
  const viewer = await member(db, "vic", "viewer", "ada");
  await expect(repeat(sessionId, [], viewer)).rejects.toMatchObject({ data: { code: "forbidden" } });
  await expect(
    ada.by.mutation(api.sandboxSessions.create, {
      environment: "production",
      provider: "demo",
      model: "demo",
      keySource: "platform",
      title: "Repeat",
      repeats: { sessionId, template: TEMPLATE, accepted: [] },
    }),
  ).rejects.toMatchObject({ data: { kind: "session_not_found" } });
});
