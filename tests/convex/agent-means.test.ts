import { beforeEach, describe, expect, test } from "vitest";
import { api } from "#convex/_generated/api.js";
import type { AgentFields } from "#domain/agent.ts";
import { readySession } from "./support.ts";
import { AGENT, CONNECTION, SKILL } from "./things.ts";
import { ada, db, freshWorld } from "./world.ts";

freshWorld();

const KEY = { wrapped: "w", kekVersion: 1 };
const make = async (fields: Partial<AgentFields>) =>
  (await ada.as.mutation(api.agents.create, { ...AGENT, ...fields })).id;
const begin = async (fields: Partial<AgentFields>) =>
  (await readySession(db, ada, { agentId: await make(fields) })).sessionId;
const variable = async (name: string, reach: "agent" | "terminals" | "setup" = "agent") =>
  await ada.by.mutation(api.variables.save, {
    name,
    environment: null,
    description: "",
    reach,
    sealed: { ciphertext: "c", version: 1 },
    ...(name === "ONE" && { dataKey: KEY }),
  });

beforeEach(async () => {
  await ada.as.mutation(api.skills.create, { ...SKILL, name: "writer" });
  await ada.as.mutation(api.skills.create, { ...SKILL, name: "reviewer" });
  await variable("ONE");
  await variable("TWO", "terminals");
  await variable("BUILD", "setup");
  await ada.by.mutation(api.gitConnections.save, {
    ...CONNECTION,
    sealed: { ciphertext: "c", version: 1, last4: "" },
  });
});

describe("a session", () => {
  test("gets its agent's skills alone, in files, in lists and in messages", async () => {
    const sessionId = await begin({ skills: ["writer"] });
    const { files } = await db.service.query(api.skills.forSandbox, { sessionId });
    expect(files.map(({ path }) => path)).toEqual([".skills_runtime_sdk/skills/writer/SKILL.md"]);
    const { skills } = await ada.as.query(api.skills.ofSession, { sessionId });
    expect(skills.map(({ name }) => name)).toEqual(["writer"]);
    const message = "$[ada:web].writer $[ada:web].reviewer";
    await ada.as.mutation(api.runs.start, { sessionId, message });
    const { events } = await ada.as.query(api.events.list, { sessionId, after: 0, limit: 50 });
    const told = events.filter(({ type }) => type.startsWith("skill."));
    expect(told.map(({ type, payload }) => [type, JSON.parse(payload)])).toMatchObject([
      ["skill.injected", { skill_name: "writer" }],
      ["skill.failed", { skill_name: "reviewer", reason: "not_for_agent" }],
    ]);
  });

  test("gets its agent's variables alone, and what set-up needs", async () => {
    const namesOf = async (variables: string[] | null) => {
      const sessionId = await begin({ variables });
      const found = await db.service.query(api.variables.forSession, { sessionId });
      return found.variables.map(({ name }) => name).toSorted();
    };
    expect(await namesOf(["TWO"])).toEqual(["BUILD", "TWO"]);
    expect(await namesOf([])).toEqual(["BUILD"]);
    expect(await namesOf(null)).toEqual(["BUILD", "ONE", "TWO"]);
  });

  test("keeps what its agent named when it began", async () => {
    const agentId = await make({ skills: ["writer"], variables: [] });
    const { sessionId } = await readySession(db, ada, { agentId });
    await ada.as.mutation(api.agents.update, { agentId, skills: null, variables: null });
    expect((await db.service.query(api.skills.forSandbox, { sessionId })).files).toHaveLength(1);
    expect((await db.service.query(api.variables.forSession, { sessionId })).variables).toHaveLength(1);
    expect(await ada.as.query(api.agentVersions.drift, { sessionId })).toMatchObject({
      changes: [
        { field: "skills", before: ["writer"], after: null },
        { field: "variables", before: [], after: null },
      ],
    });
  });
});

test("the server that starts a session is told the agent's repository", async () => {
  const repository = { connection: "house", url: "acme/shop", ref: "main" };
  const agentId = await make({ repository });
  expect(await ada.by.query(api.agents.forStart, { agentId })).toEqual({
    provider: "demo",
    model: "demo",
    repository,
  });
});

describe("an agent", () => {
  const repository = { connection: "house", url: "acme/shop", ref: null };
  test.each<[string, Partial<AgentFields>, string]>([
    ["a skill that is none", { skills: ["nothing"] }, "agent_skills"],
    ["a variable that is none", { variables: ["NOTHING"] }, "agent_variables"],
    [
      "a connection that is none",
      { repository: { ...repository, connection: "no" } },
      "git_connection_not_found",
    ],
    [
      "a repository that its connection isn't for",
      { repository: { ...repository, url: "other/shop" } },
      "git_repository_not_allowed",
    ],
    ["a ref that is none", { repository: { ...repository, ref: "a..b" } }, "git_ref_malformed"],
    ["names without end", { skills: Array.from({ length: 101 }, () => "writer") }, "field_invalid"],
    ["a long address", { repository: { ...repository, url: "a".repeat(1_001) } }, "field_invalid"],
  ])("can't name %s", async (_, fields, kind) => {
    await expect(make(fields)).rejects.toMatchObject({ data: { kind } });
    const agentId = await make({});
    await expect(ada.as.mutation(api.agents.update, { agentId, ...fields })).rejects.toMatchObject({
      data: { kind },
    });
  });
});
