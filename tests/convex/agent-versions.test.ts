import type { FunctionReturnType } from "convex/server";
import { beforeEach, describe, expect, test } from "vitest";
import { api, internal } from "#convex/_generated/api.js";
import { MAX_AGENT_VERSIONS } from "#domain/agent-versions.ts";
import { member, type Member, readySession } from "./support.ts";
import { AGENT, RULE } from "./things.ts";
import { ada, db, freshWorld } from "./world.ts";

freshWorld();

type Found = FunctionReturnType<typeof api.agentVersions.list>;
const page = { paginationOpts: { numItems: 100, cursor: null } };
const make = async () => (await ada.as.mutation(api.agents.create, AGENT)).id;
const change = async (agentId: string, fields: object) =>
  await ada.as.mutation(api.agents.update, { agentId, ...fields });
const versions = async (agentId: string, who: Member = ada) =>
  (await who.as.query(api.agentVersions.list, { agentId, ...page })).page;

let eve: Member;
beforeEach(async () => {
  eve = await member(db, "eve");
});

describe("an agent's versions", () => {
  test("are one for each change, with its author and its difference", async () => {
    const agentId = await make();
    expect(await change(agentId, { systemPrompt: "You write.", temperature: 0.2 })).toMatchObject({
      revision: 2,
    });
    // What says nothing new is no version.
    expect(await change(agentId, { temperature: 0.2 })).toMatchObject({ revision: 2 });
    expect(await versions(agentId)).toMatchObject([
      {
        revision: 2,
        authorId: ada.userId,
        authorName: expect.stringMatching(/./),
        restoredFrom: null,
        changes: [
          { field: "system_prompt", before: AGENT.systemPrompt, after: "You write." },
          { field: "temperature", before: AGENT.temperature, after: 0.2 },
        ],
      },
      { revision: 1, authorId: ada.userId, changes: null },
    ]);
    const first = await ada.as.query(api.agentVersions.get, { agentId, revision: 1 });
    expect(first.fields).toEqual(AGENT);
  });

  test("don't follow the rules, which count as they are", async () => {
    const agentId = await make();
    await change(agentId, { rules: [{ pattern: "builtin:shell:ls", action: "ask" }] });
    expect(await versions(agentId)).toHaveLength(1);
  });

  test("can be brought back, each as the next one, once", async () => {
    const agentId = await make();
    await change(agentId, { name: "Writer" });
    const restore = async () => await ada.as.mutation(api.agentVersions.restore, { agentId, revision: 1 });
    expect(await restore()).toMatchObject({ name: AGENT.name, revision: 3 });
    expect(await restore()).toMatchObject({ revision: 3 });
    expect(await versions(agentId)).toMatchObject([
      { revision: 3, restoredFrom: 1, changes: [{ field: "name", before: "Writer", after: AGENT.name }] },
      { revision: 2 },
      { revision: 1 },
    ]);
  });

  test("that name a server which is gone can't be brought back", async () => {
    const agentId = await make();
    await db.t.run(async (ctx) => {
      const row = (await ctx.db.query("agentVersions").first())!;
      await ctx.db.patch(row._id, { mcpServers: ["gone"] });
    });
    await change(agentId, { name: "Writer" });
    await expect(ada.as.mutation(api.agentVersions.restore, { agentId, revision: 1 })).rejects.toMatchObject({
      data: { kind: "agent_mcp_servers" },
    });
    expect(await versions(agentId)).toHaveLength(2);
  });

  test("are the organization's alone, and members can't bring one back", async () => {
    const agentId = await make();
    const mia = await member(db, "mia", "member", "ada");
    for (const call of [
      async () => await versions(agentId, eve),
      async () => await eve.as.query(api.agentVersions.get, { agentId, revision: 1 }),
      async () => await eve.as.mutation(api.agentVersions.restore, { agentId, revision: 1 }),
    ])
      await expect(call()).rejects.toMatchObject({ data: { kind: "agent_not_found" } });
    await expect(mia.as.mutation(api.agentVersions.restore, { agentId, revision: 1 })).rejects.toMatchObject({
      data: { code: "forbidden" },
    });
    await expect(ada.as.query(api.agentVersions.get, { agentId, revision: 7 })).rejects.toMatchObject({
      data: { kind: "agent_version_not_found" },
    });
  });

  test("are kept up to a number, and those of maximal size fit pages", async () => {
    const agentId = await make();
    for (let n = 1; n <= MAX_AGENT_VERSIONS + 2; n += 1) await change(agentId, { maxTokens: n });
    const systemPrompt = "\u{1F9EA}".repeat(16_000);
    await db.t.run(async (ctx) => {
      const rows = await ctx.db.query("agentVersions").order("desc").take(20);
      for (const { _id } of rows) await ctx.db.patch(_id, { systemPrompt });
    });
    const seen: number[] = [];
    let cursor: string | null = null;
    do {
      const paginationOpts = { numItems: 100, cursor };
      const found: Found = await ada.as.query(api.agentVersions.list, { agentId, paginationOpts });
      seen.push(...found.page.map(({ revision }) => revision));
      cursor = found.isDone ? null : found.continueCursor;
    } while (cursor !== null);
    expect(seen).toHaveLength(MAX_AGENT_VERSIONS);
    expect([seen[0], seen.at(-1)]).toEqual([MAX_AGENT_VERSIONS + 3, 4]);
  });

  test("begin with what an agent was before versions were kept", async () => {
    const agentId = await db.t.run(
      async (ctx) =>
        await ctx.db.insert("agents", { organizationId: ada.organizationId, ...AGENT, updatedAt: 7 }),
    );
    expect(await ada.as.query(api.agents.get, { agentId })).toMatchObject({ revision: 1 });
    const fn = "migrations:agentVersions";
    const migrate = async () => await db.t.mutation(internal.migrations.agentVersions, { fn, cursor: null });
    await migrate();
    await migrate();
    await change(agentId, { name: "Writer" });
    expect(await versions(agentId)).toMatchObject([
      { revision: 2, changes: [{ field: "name" }] },
      { revision: 1, authorId: null, at: 7 },
    ]);
  });
});

describe("a session", () => {
  test("says how far its agent is from what it keeps of it", async () => {
    const agentId = await make();
    const { sessionId } = await readySession(db, ada, { agentId });
    const drift = async () => await ada.as.query(api.agentVersions.drift, { sessionId });
    expect(await drift()).toMatchObject({ revision: 1, newest: { revision: 1 }, changes: [] });
    await change(agentId, { maxTokens: 9 });
    expect(await drift()).toMatchObject({
      name: AGENT.name,
      revision: 1,
      newest: { revision: 2 },
      changes: [{ field: "max_tokens", before: AGENT.maxTokens, after: 9 }],
    });
    await ada.as.mutation(api.agents.remove, { agentId });
    expect(await drift()).toMatchObject({ revision: 1, newest: null, changes: [] });
    const { sessionId: plain } = await readySession(db, ada);
    expect(await ada.as.query(api.agentVersions.drift, { sessionId: plain })).toBeNull();
  });

  test("branches with its agent as it was, or on the newest", async () => {
    const agentId = await make();
    const { sessionId } = await readySession(db, ada, { agentId });
    await change(agentId, { systemPrompt: "Newest.", name: "Writer" });
    const asked = { sessionId, fromSeq: 1, provider: "demo", model: "demo", keySource: "platform" } as const;
    const pinnedOf = async (agent: "pinned" | "newest") => {
      const { id } = await ada.by.mutation(api.sessionBranches.create, { ...asked, agent });
      const found = await db.service.query(api.sandboxSessions.forServer, { sessionId: id as never });
      return found.agent;
    };
    expect(await pinnedOf("pinned")).toMatchObject({ revision: 1, systemPrompt: AGENT.systemPrompt });
    expect(await pinnedOf("newest")).toMatchObject({ revision: 2, systemPrompt: "Newest.", name: "Writer" });
    await ada.as.mutation(api.agents.remove, { agentId });
    await expect(pinnedOf("newest")).rejects.toMatchObject({ data: { kind: "agent_not_found" } });
    const { sessionId: plain } = await readySession(db, ada);
    await expect(
      ada.by.mutation(api.sessionBranches.create, { ...asked, sessionId: plain, agent: "newest" }),
    ).rejects.toMatchObject({ data: { kind: "session_without_agent" } });
  });
});

test("an agent that is deleted takes its rules along", async () => {
  const agentId = await make();
  await ada.as.mutation(api.approvalRules.create, { ...RULE, scope: "agent", agentId });
  await ada.as.mutation(api.agents.remove, { agentId });
  expect(await db.t.run(async (ctx) => await ctx.db.query("approvalRules").collect())).toEqual([]);
});
