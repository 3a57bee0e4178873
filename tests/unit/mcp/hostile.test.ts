import { afterEach, describe, expect, test } from "vitest";
import { StdioClientTransport } from "@modelcontextprotocol/client/stdio";
import { bounded, callTool, connect, listTools, McpFault } from "#mcp/client.ts";

/** Servers that misbehave, as programs of one line each: none of them hurts who uses it. */

const START = `
const out = (m) => process.stdout.write(JSON.stringify({ jsonrpc: "2.0", ...m }) + "\\n");
const hello = (id, params, capabilities = { tools: {} }) => out({ id, result: { protocolVersion: params.protocolVersion, capabilities, serverInfo: { name: "bad", version: "1" } } });
const tools = (id, list) => out({ id, result: { tools: list } });
const tool = (name, more) => ({ name, inputSchema: { type: "object" }, ...more });
const text = (id, value) => out({ id, result: { content: [{ type: "text", text: value }] } });
const on = (handlers) => require("node:readline").createInterface({ input: process.stdin }).on("line", (line) => {
  const { id, method, params } = JSON.parse(line);
  const own = handlers[method];
  if (own) own(id, params);
  else if (method === "initialize") hello(id, params);
  else if (method === "tools/list") tools(id, [tool("go")]);
  else if (method === "tools/call") text(id, "went");
});
`;

const GO = { name: "go", inputSchema: { type: "object" as const } };
const open: { close: () => Promise<void> }[] = [];
afterEach(async () => {
  for (const one of open.splice(0)) await one.close();
});

/** Beside other work a program takes its time to start; one that is silent is waited for no longer than this. */
const WAIT_MS = 40_000;
const SILENT_MS = 1_000;
const waitFor = (kind?: string) => (kind === "silent" ? SILENT_MS : WAIT_MS);

async function met(program: string, timeoutMs = WAIT_MS) {
  const transport = new StdioClientTransport({
    command: process.execPath,
    args: ["-e", START + program],
    env: {},
    stderr: "ignore",
    maxBufferSize: 1_000_000,
  });
  const connection = await connect(transport, { timeoutMs });
  open.push(connection.client);
  return connection;
}
const listed = async (program: string, kind?: string) =>
  await listTools((await met(program)).client, waitFor(kind));
const called = async (program: string, kind?: string) =>
  await callTool((await met(program)).client, GO, {}, { timeoutMs: waitFor(kind) });
const fault = (kind: string) => expect.objectContaining({ kind });

describe("at the greeting", () => {
  test.each([
    ["it ends at once", "process.exit(1)", "ended"],
    ["it says nothing", "setTimeout(() => {}, 60000)", "silent"],
    [
      "it refuses",
      `on({ initialize: (id) => out({ id, error: { code: -32000, message: "no" } }) })`,
      "protocol",
    ],
    [
      "it speaks a version that nobody knows",
      `on({ initialize: (id) => out({ id, result: { protocolVersion: "1", capabilities: {}, serverInfo: { name: "x", version: "1" } } }) })`,
      "protocol",
    ],
  ])("%s", async (_, program, kind) => {
    const failed = met(program, waitFor(kind));
    await expect(failed).rejects.toBeInstanceOf(McpFault);
    await expect(failed).rejects.toEqual(fault(kind));
  });

  test("it prints what is no JSON before, and is understood all the same", async () => {
    expect(await listed(`console.log("starting…"); on({})`)).toMatchObject([{ name: "go" }]);
  });

  test("its name is cut", async () => {
    const { info } = await met(
      `on({ initialize: (id, p) => out({ id, result: { protocolVersion: p.protocolVersion, capabilities: {}, serverInfo: { name: "x".repeat(9000), version: "1" } } }) })`,
    );
    expect(info.length).toBe(200);
  });
});

describe("with its list of tools", () => {
  test.each([
    [
      "too many",
      `on({ "tools/list": (id) => tools(id, Array.from({ length: 500 }, (_, i) => tool("t" + i))) })`,
      "unlisted",
    ],
    [
      "two that the agent can't tell apart",
      `on({ "tools/list": (id) => tools(id, [tool("read.notes"), tool("read_notes")]) })`,
      "unlisted",
    ],
    ["the same twice", `on({ "tools/list": (id) => tools(id, [tool("a"), tool("a")]) })`, "unlisted"],
    [
      "a description of a megabyte",
      `on({ "tools/list": (id) => tools(id, [tool("a", { description: "x".repeat(900000) })]) })`,
      "unlisted",
    ],
    [
      "schemas of half a megabyte",
      `on({ "tools/list": (id) => tools(id, [tool("a", { inputSchema: { type: "object", title: "x".repeat(500000) } })]) })`,
      "unlisted",
    ],
    [
      "a name of a thousand characters",
      `on({ "tools/list": (id) => tools(id, [tool("a".repeat(1000))]) })`,
      "unlisted",
    ],
    [
      "a name that stands for all in a rule",
      `on({ "tools/list": (id) => tools(id, [tool("go"), tool("*")]) })`,
      "unlisted",
    ],
    [
      "schemas that are deeper than what reads them",
      `on({ "tools/list": (id) => out({ id, result: { tools: [tool("go", { inputSchema: { type: "object", x: "deep" } })] } }) }); const write = process.stdout.write.bind(process.stdout); process.stdout.write = (text) => write(text.replace('"deep"', "[".repeat(99) + "]".repeat(99)));`,
      "unlisted",
    ],
    [
      "schemas in which what reads them gets lost",
      `on({ "tools/list": (id) => out({ id, result: { tools: [tool("go", { inputSchema: { type: "object", x: "deep" } })] } }) }); const write = process.stdout.write.bind(process.stdout); process.stdout.write = (text) => write(text.replace('"deep"', "[".repeat(90000) + "]".repeat(90000)));`,
      "protocol",
    ],
    [
      "pages of what nobody is told, more than fit",
      `let n = 0; on({ "tools/list": (id) => out({ id, result: { tools: [tool("t" + n, { _meta: { x: "x".repeat(500000) } })], ...(n < 9 && { nextCursor: String(++n) }) } }) })`,
      "unlisted",
    ],
    ["no list", `on({ "tools/list": (id) => out({ id, result: { tools: "all" } }) })`, "protocol"],
    [
      "pages without end",
      `let n = 0; on({ "tools/list": (id) => out({ id, result: { tools: [tool("t" + n)], nextCursor: String(n++) } }) })`,
      "protocol",
    ],
    ["no answer", `on({ "tools/list": () => {} })`, "silent"],
    [
      "a message of more than may come",
      `on({ "tools/list": () => process.stdout.write("x".repeat(3000000)) })`,
      "ended",
    ],
  ])("%s", async (_, program, kind) => {
    await expect(listed(program, kind)).rejects.toEqual(fault(kind));
  });

  test("it has none, and says so", async () => {
    expect(await listed(`on({ initialize: (id, p) => hello(id, p, {}) })`)).toEqual([]);
  });
});

describe("at a call", () => {
  test("a result of a megabyte and more is cut, and that is said", async () => {
    const { content } = await called(`on({ "tools/call": (id) => text(id, "y".repeat(900000)) })`);
    expect(content).toMatchObject([{ type: "text" }]);
    const cut = bounded(
      {
        content: [
          { type: "text", text: "é".repeat(900_000) },
          { type: "text", text: "more" },
        ],
      },
      100_000,
    );
    expect(JSON.stringify(cut).length).toBeLessThan(110_000);
    expect(cut.content.at(-1)).toMatchObject({ text: expect.stringContaining("left out") });
  });

  test.each([
    ["it hangs", `on({ "tools/call": () => {} })`, "silent"],
    [
      "it says without end that it goes on",
      `on({ "tools/call": (id, p) => setInterval(() => out({ method: "notifications/progress", params: { progressToken: p._meta?.progressToken ?? 0, progress: 1 } }), 5) })`,
      "silent",
    ],
    ["it dies", `on({ "tools/call": () => process.exit(9) })`, "ended"],
    [
      "it returns what is no result",
      `on({ "tools/call": (id) => out({ id, result: { content: [{ type: "nonsense" }] } }) })`,
      "protocol",
    ],
  ])("%s", async (_, program, kind) => {
    await expect(called(program, kind)).rejects.toEqual(fault(kind));
  });

  test("it refuses the arguments, and its words are the tool's error", async () => {
    const refuses = `on({ "tools/call": (id) => out({ id, error: { code: -32602, message: "text is missing" } }) })`;
    expect(await called(refuses)).toMatchObject({
      isError: true,
      content: [{ text: expect.stringContaining("text is missing") }],
    });
  });

  test("it floods with messages that nobody asked for, and the call goes on", async () => {
    const flood = `on({ "tools/call": (id) => { for (let i = 0; i < 2000; i++) out({ method: "notifications/message", params: { level: "info", data: "x" } }); text(id, "went"); } })`;
    expect(await called(flood)).toMatchObject({ content: [{ text: "went" }] });
  });

  test.each([
    [
      "for a person's answer",
      "elicitation/create",
      `{ message: "Your password?", requestedSchema: { type: "object", properties: {} } }`,
    ],
    ["for a model's answer", "sampling/createMessage", `{ messages: [], maxTokens: 9 }`],
    ["for folders", "roots/list", "{}"],
  ])("it asks %s, and gets none", async (_, method, params) => {
    const asks = `let call; on({ "tools/call": (id) => { call = id; out({ id: "mine", method: "${method}", params: ${params} }); } });
      require("node:readline").createInterface({ input: process.stdin }).on("line", (line) => { const m = JSON.parse(line); if (m.id === "mine") text(call, m.error ? "refused " + m.error.code : "got it"); });`;
    expect(await called(asks)).toMatchObject({ content: [{ text: expect.stringMatching(/^refused/) }] });
  });

  test("its list changes in the middle, and the call goes on", async () => {
    const changes = `on({ "tools/call": (id) => { out({ method: "notifications/tools/list_changed" }); text(id, "went"); } })`;
    expect(await called(changes)).toMatchObject({ content: [{ text: "went" }] });
  });
});
