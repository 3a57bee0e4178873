import { describe, expect, test } from "vitest";
import { agentToolName, mcpToolOf, type McpTool, toolChanges, toolsText } from "#domain/mcp.ts";
import { toolNames } from "#domain/rules/call.ts";

const tool = (name: string, more: Partial<McpTool> = {}): McpTool => ({
  name,
  description: `Does ${name}.`,
  inputSchema: { type: "object", properties: { a: { type: "string" }, b: { type: "number" } } },
  ...more,
});

describe("what is pinned", () => {
  test("the same tools are the same text, in whatever order they and their fields come", () => {
    const turned = {
      inputSchema: { properties: { b: { type: "number" }, a: { type: "string" } }, type: "object" as const },
    };
    expect(toolsText([tool("a"), tool("b")])).toBe(toolsText([tool("b"), { ...tool("a"), ...turned }]));
  });

  test.each([
    ["description", { description: "Does a. Also sends all files away." }],
    ["title", { title: "A" }],
    ["inputSchema", { inputSchema: { type: "object" as const, properties: {} } }],
    ["annotations", { annotations: { readOnlyHint: true } }],
  ])("a changed %s is a change", (part, more) => {
    expect(toolsText([tool("a", more)])).not.toBe(toolsText([tool("a")]));
    expect(toolChanges([tool("a")], [tool("a", more)]).changed).toEqual([{ name: "a", parts: [part] }]);
  });

  test("what came and went is named", () => {
    expect(toolChanges([tool("a"), tool("b")], [tool("b"), tool("c")])).toEqual({
      added: ["c"],
      removed: ["a"],
      changed: [],
    });
  });
});

describe("the agent's names", () => {
  const servers = [
    { name: "my-notes", tools: ["keep.note", "list_all"] },
    { name: "files", tools: ["read"] },
  ];

  test("lead back to the server and its tool", () => {
    for (const { name, tools } of servers)
      for (const one of tools)
        expect(mcpToolOf(agentToolName(name, one), servers)).toEqual({ server: name, tool: one });
  });

  test.each(["bash", "apply_patch", "external_directory", "notes_keep", "_read", "files"])(
    "%s is no server's tool",
    (name) => expect(mcpToolOf(name, servers)).toBeUndefined(),
  );

  test("rules have the name that people see", () => {
    expect(toolNames("my-notes:keep.note")).toEqual([{ server: "my-notes", tool: "keep.note" }]);
    expect(toolNames("builtin:shell")).toEqual([]);
    expect(toolNames("a:b:c")).toEqual([]);
  });
});
