import { expect, test } from "vitest";
import { importedServers, KNOWN_SERVERS } from "#domain/mcp-import.ts";
import { MCP_NAME } from "#domain/mcp.ts";

const memory = { command: "npx", args: ["-y", "server-memory"], env: { A: "b" } };
const plain = { name: "memory", transport: "stdio", ...memory, url: "", headers: {} };

test.each([
  ["Claude's and Cursor's", { mcpServers: { memory } }],
  ["VS Code's own file", { servers: { memory: { type: "stdio", ...memory } }, inputs: [] }],
  ["VS Code's settings", { mcp: { servers: { memory } } }],
  ["Zed's", { context_servers: { memory } }],
  [
    "OpenCode's",
    { mcp: { memory: { type: "local", command: ["npx", "-y", "server-memory"], environment: { A: "b" } } } },
  ],
  ["one by its name", { memory }],
])("a configuration is read: %s", (_, config) => {
  expect(importedServers(JSON.stringify(config))).toEqual([plain]);
});

test("a remote one has its transport and its headers", () => {
  const config = {
    mcpServers: {
      "Git Hub!": { url: "https://a.example/mcp", headers: { Authorization: "Bearer t" } },
      old: { type: "sse", url: "https://b.example/sse" },
    },
  };
  expect(importedServers(JSON.stringify(config))).toMatchObject([
    { name: "git-hub", transport: "streamable-http", headers: { Authorization: "Bearer t" } },
    { name: "old", transport: "sse" },
  ]);
});

test.each([
  ["no JSON", "{"],
  ["a list", "[]"],
  ["nothing", "{}"],
  ["neither a command nor a URL", JSON.stringify({ mcpServers: { a: { args: [] } } })],
  ["both", JSON.stringify({ mcpServers: { a: { command: "x", url: "y" } } })],
  ["too long", `"${"x".repeat(200_000)}"`],
])("what has none says so: %s", (_, text) => {
  expect(importedServers(text)).toEqual(expect.any(String));
});

test("hostile names and values come to nothing", () => {
  const found = importedServers(
    '{"__proto__": {"command": "x"}, "builtin": {"command": ["x", 1, "y"], "env": {"a": 1}}}',
  );
  expect(found).toMatchObject([{ name: "proto" }, { name: "", args: ["y"], env: {} }]);
});

test("the catalog's servers have names that Studio takes", () => {
  expect(KNOWN_SERVERS.filter(({ name }) => !MCP_NAME.test(name))).toEqual([]);
});
