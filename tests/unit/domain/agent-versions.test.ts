import { expect, test } from "vitest";
import { agentChanges } from "#domain/agent-versions.ts";
import { AGENT } from "../../convex/things.ts";

test("what two versions differ in is told by the API's names, in the order of the fields", () => {
  const after = { ...AGENT, toolsMode: "full", systemPrompt: "", mcpServers: ["a"] } as const;
  expect(agentChanges(AGENT, { ...after, mcpServers: ["a"] })).toEqual([
    { field: "system_prompt", before: AGENT.systemPrompt, after: "" },
    { field: "tools_mode", before: "restricted", after: "full" },
    { field: "mcp_servers", before: [], after: ["a"] },
  ]);
});

test("the order of a list is no difference", () => {
  const lists = (mcpServers: string[]) => ({ ...AGENT, mcpServers });
  expect(agentChanges(lists(["a", "b"]), lists(["b", "a"]))).toEqual([]);
  expect(agentChanges(lists(["a", "b"]), lists(["a"]))).toHaveLength(1);
});
