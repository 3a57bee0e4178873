import { expect, test } from "vitest";
import { api } from "#convex/_generated/api.js";
import { importAgentBody } from "#contracts/agents.ts";
import { LIMITS } from "#domain/limits.ts";
import { member } from "./support.ts";
import { AGENT, SKILL } from "./things.ts";
import { ada, db, freshWorld } from "./world.ts";

freshWorld();

const rule = { pattern: "builtin:shell:ls *", action: "ask" as const };

test("a copy is like its agent, with its rules, and goes its own way", async () => {
  const name = "n".repeat(LIMITS.agentName.max);
  const { id: agentId } = await ada.as.mutation(api.agents.create, { ...AGENT, name, rules: [rule] });
  const copy = await ada.as.mutation(api.agentFiles.duplicate, { agentId });
  const wanted = `Copy of ${name}`.slice(0, LIMITS.agentName.max);
  expect(copy).toMatchObject({ ...AGENT, name: wanted, revision: 1 });
  const found = await ada.as.query(api.agents.rulesOf, { agentIds: [copy.id] });
  expect(found[0]?.rules).toMatchObject([{ ...rule, enabled: true }]);
  await ada.as.mutation(api.agents.remove, { agentId });
  expect((await ada.as.query(api.agents.rulesOf, { agentIds: [copy.id] }))[0]?.rules).toHaveLength(1);
});

test("what an imported agent names that there is none of is left out, and said", async () => {
  await ada.as.mutation(api.skills.create, { ...SKILL, name: "writer" });
  const { agent, missing } = await ada.as.mutation(api.agentFiles.take, {
    ...AGENT,
    mcpServers: ["github"],
    skills: ["writer", "gone"],
    variables: ["TOKEN"],
    repository: { connection: "house", url: "acme/shop", ref: null },
    rules: [rule],
  });
  expect(missing).toEqual([
    { field: "mcp_servers", name: "github" },
    { field: "skills", name: "gone" },
    { field: "variables", name: "TOKEN" },
    { field: "repository", name: "house" },
  ]);
  // None of the variables it named are here: that is not all of them.
  expect(agent).toMatchObject({ mcpServers: [], skills: ["writer"], variables: [], repository: null });
});

test("only admins duplicate and import, each in their own organization", async () => {
  const { id: agentId } = await ada.as.mutation(api.agents.create, AGENT);
  const mia = await member(db, "mia", "member", "ada");
  const eve = await member(db, "eve");
  await expect(mia.as.mutation(api.agentFiles.duplicate, { agentId })).rejects.toMatchObject({
    data: { code: "forbidden" },
  });
  await expect(mia.as.mutation(api.agentFiles.take, { ...AGENT, rules: [] })).rejects.toMatchObject({
    data: { code: "forbidden" },
  });
  await expect(eve.as.mutation(api.agentFiles.duplicate, { agentId })).rejects.toMatchObject({
    data: { kind: "agent_not_found" },
  });
});

test("a file's problems are told with their paths", () => {
  const agent = { name: "", provider: "demo", model: "demo", temperature: 9, secret: "x" };
  const { error } = importAgentBody.safeParse({ export_version: 1, agent });
  const paths = error?.issues.map(({ path }) => path.join("."));
  expect(paths).toEqual(expect.arrayContaining(["agent.name", "agent.temperature", "agent"]));
  expect(importAgentBody.safeParse({ export_version: 2, agent: AGENT }).error?.issues[0]?.path).toEqual([
    "export_version",
  ]);
});
