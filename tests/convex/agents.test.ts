import { beforeEach, describe, expect, onTestFinished, test, vi } from "vitest";
import { api } from "#convex/_generated/api.js";
import type { AgentFields } from "#domain/agent.ts";
import { MAX_AGENTS, MAX_PROMPT_CHARS } from "#domain/agents.ts";
import { member, type Member, readySession } from "./support.ts";
import { ada, db, freshWorld } from "./world.ts";

freshWorld();

const FIELDS: AgentFields = {
  name: "Reviewer",
  description: "Looks at changes",
  provider: "demo",
  model: "demo",
  systemPrompt: "You review.",
  temperature: 0.7,
  maxTokens: 4096,
  toolsMode: "sandboxed",
  mcpServers: [],
  skills: null,
  variables: null,
  repository: null,
};
const page = { paginationOpts: { numItems: 10, cursor: null } };
const make = async (fields: Partial<AgentFields> = {}) =>
  await ada.as.mutation(api.agents.create, { ...FIELDS, ...fields });
const names = async () => (await ada.as.query(api.agents.list, page)).page.map(({ name }) => name);
const begin = async (agentId: string, who: Member = ada) => await readySession(db, who, { agentId });

let eve: Member;
beforeEach(async () => {
  eve = await member(db, "eve");
});

describe("an agent", () => {
  test("is listed with those last changed first, until it is deleted", async () => {
    vi.useFakeTimers({ toFake: ["Date"] });
    onTestFinished(() => void vi.useRealTimers());
    const first = await make({ name: "First" });
    vi.setSystemTime(Date.now() + 2);
    await make({ name: "Second" });
    expect(await names()).toEqual(["Second", "First"]);
    vi.setSystemTime(Date.now() + 2);
    const changed = await ada.as.mutation(api.agents.update, { agentId: first.id, temperature: 0 });
    expect(changed).toMatchObject({ ...FIELDS, name: "First", temperature: 0 });
    expect(await names()).toEqual(["First", "Second"]);
    await ada.as.mutation(api.agents.remove, { agentId: first.id });
    expect(await names()).toEqual(["Second"]);
    for (const call of [
      async () => await ada.as.query(api.agents.get, { agentId: first.id }),
      async () => await ada.as.mutation(api.agents.update, { agentId: first.id, name: "again" }),
      async () => await ada.as.mutation(api.agents.remove, { agentId: first.id }),
      async () => await begin(first.id),
    ])
      await expect(call()).rejects.toMatchObject({ data: { kind: "agent_not_found" } });
  });

  test.each<[string, Partial<AgentFields>, string]>([
    ["a model that is none", { model: "gpt-0" }, "unknown_model"],
    ["a provider that is none", { provider: "acme" }, "unknown_provider"],
    [
      "a temperature that its provider refuses",
      { provider: "anthropic", model: "claude-sonnet-4-6", temperature: 1.5 },
      "invalid_request",
    ],
    ["a temperature below 0", { temperature: -0.1 }, "invalid_request"],
    ["a temperature that is no number", { temperature: Number.NaN }, "invalid_request"],
    ["no name", { name: " " }, "invalid_request"],
    ["a prompt without end", { systemPrompt: "x".repeat(MAX_PROMPT_CHARS + 1) }, "invalid_request"],
    ["half a token", { maxTokens: 0.5 }, "invalid_request"],
  ])("can't have %s", async (_, fields, code) => {
    await expect(make(fields)).rejects.toMatchObject({ data: { code } });
    const { id: agentId } = await make();
    await expect(ada.as.mutation(api.agents.update, { agentId, ...fields })).rejects.toMatchObject({
      data: { code },
    });
  });

  test("is one of a bounded number", async () => {
    const { organizationId } = ada;
    await db.t.run(async (ctx) => {
      for (let n = 0; n < MAX_AGENTS; n += 1)
        await ctx.db.insert("agents", { organizationId, ...FIELDS, updatedAt: n });
    });
    await expect(make()).rejects.toMatchObject({ data: { kind: "agent_limit" } });
  });

  test("of maximal size fits a page", async () => {
    const systemPrompt = "\u{1F9EA}".repeat(16_000);
    for (let n = 0; n < 10; n += 1) await make({ systemPrompt, description: "d".repeat(500) });
    const first = await ada.as.query(api.agents.list, page);
    expect(first.page.length).toBeGreaterThan(0);
    expect(first.page[0]?.systemPrompt).toBe(systemPrompt);
  });
});

describe("a session", () => {
  test("keeps its agent as it was when it began, and so do its runs", async () => {
    const { id: agentId } = await make();
    const { sessionId } = await begin(agentId);
    const { runId } = await ada.as.mutation(api.runs.start, { sessionId, message: "hi" });
    await ada.as.mutation(api.agents.update, {
      agentId,
      name: "Writer",
      systemPrompt: "You write.",
      toolsMode: "full",
      mcpServers: [],
    });
    await ada.as.mutation(api.agents.remove, { agentId });
    expect(await ada.as.query(api.agents.ofSession, { sessionId })).toMatchObject({ agentId, ...FIELDS });
    const found = await db.service.query(api.sandboxSessions.forServer, { sessionId });
    expect(found.agent).toMatchObject({ agentId, ...FIELDS });
    expect(await ada.as.query(api.sandboxSessions.get, { sessionId })).toMatchObject({
      agentId,
      agentName: "Reviewer",
      autoApprove: false,
    });
    expect(await ada.as.query(api.runs.get, { runId })).toMatchObject({ agentId, agentName: "Reviewer" });
    const { events } = await ada.as.query(api.events.list, { sessionId, after: 0, limit: 50 });
    const payload = (type: string) => JSON.parse(events.find((event) => event.type === type)!.payload);
    expect(payload("session.started")).toMatchObject({ agent_id: agentId, agent_name: "Reviewer" });
    expect(payload("run.started")).toEqual({ input: "hi", agent_id: agentId });
  });

  test("without an agent has none", async () => {
    const { sessionId } = await readySession(db, ada);
    expect(await ada.as.query(api.agents.ofSession, { sessionId })).toBeNull();
    expect(await ada.as.query(api.sandboxSessions.get, { sessionId })).toMatchObject({ agentId: null });
  });

  test("of a full agent is approved by itself, unless its person says otherwise", async () => {
    const { id: agentId } = await make({ toolsMode: "full" });
    const asked = {
      environment: "development",
      provider: "demo",
      model: "demo",
      keySource: "platform",
      title: "t",
      agentId,
    } as const;
    expect(await ada.by.mutation(api.sandboxSessions.create, asked)).toMatchObject({ autoApprove: true });
    expect(await ada.by.mutation(api.sandboxSessions.create, { ...asked, autoApprove: false })).toMatchObject(
      { autoApprove: false },
    );
  });

  test("can't begin with another organization's agent, and lists name none of it", async () => {
    const { id: agentId } = await make();
    await expect(begin(agentId, eve)).rejects.toMatchObject({ data: { code: "not_found" } });
    await begin(agentId);
    expect((await eve.as.query(api.runs.list, { ...page, agentId })).page).toEqual([]);
    expect((await eve.as.query(api.sessionLists.search, { ...page, agentId })).page).toEqual([]);
  });
});

test("lists of sessions and runs are narrowed to an agent, deleted or not", async () => {
  const one = await make({ name: "One" });
  const two = await make({ name: "Two" });
  const first = await begin(one.id);
  const second = await begin(two.id);
  await readySession(db, ada);
  for (const { sessionId } of [first, second])
    await ada.as.mutation(api.runs.start, { sessionId, message: "hi" });
  await ada.as.mutation(api.agents.remove, { agentId: one.id });
  const sessions = async (filter: object) =>
    (await ada.as.query(api.sessionLists.search, { ...page, ...filter })).page.map(({ id }) => id);
  const runs = async (filter: object) =>
    (await ada.as.query(api.runs.list, { ...page, ...filter })).page.map((run) => run.sessionId);
  expect(await sessions({ agentId: one.id })).toEqual([first.sessionId]);
  expect(await sessions({ agentId: two.id, group: "stopped" })).toEqual([]);
  expect(await sessions({ agentId: two.id, mine: true })).toEqual([second.sessionId]);
  expect(await runs({ agentId: one.id })).toEqual([first.sessionId]);
  expect(await runs({ agentId: two.id, status: "running" })).toEqual([second.sessionId]);
  for (const list of [sessions, runs])
    await expect(list({ agentId: "nothing" })).rejects.toMatchObject({ data: { code: "not_found" } });
});
