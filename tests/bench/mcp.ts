/**
 * `npm run bench:mcp [-- --json] [--rounds N]`: from the click until a session is ready, with three MCP servers of its
 * sandbox and without, in turns. Warm agents are off: what is compared is the whole start.
 */
import os from "node:os";
import { parseArgs } from "node:util";
import type { McpServerJson, McpTest } from "#contracts/mcp.ts";
import { Api } from "#tests/api.ts";
import { Stack } from "#tests/stack.ts";
import { type Figure, median, percentile, report, table } from "./figures.ts";
import { timeSession } from "./ready.ts";

const { values } = parseArgs({
  options: { json: { type: "boolean", default: false }, rounds: { type: "string", default: "10" } },
});
const rounds = Number(values.rounds);
const progress = (line: string) => process.stderr.write(`${line}\n`);
const SERVERS = 3;
const TOOLS = 30;

/** A server of stdio, as a program on one line, with as many tools as a well-known one has. */
const PROGRAM = `
const out = (m) => process.stdout.write(JSON.stringify({ jsonrpc: "2.0", ...m }) + "\\n");
const tools = Array.from({ length: ${TOOLS} }, (_, i) => ({ name: "tool_" + i, description: "Does something. ".repeat(20), inputSchema: { type: "object", properties: { text: { type: "string" } } } }));
require("node:readline").createInterface({ input: process.stdin }).on("line", (line) => {
  const { id, method, params } = JSON.parse(line);
  if (method === "initialize") out({ id, result: { protocolVersion: params.protocolVersion, capabilities: { tools: {} }, serverInfo: { name: "made", version: "1" } } });
  else if (method === "tools/list") out({ id, result: { tools } });
  else if (id !== undefined) out({ id, error: { code: -32601, message: "no" } });
});`;

async function ok<T>(api: Api, ...[method, path, body]: Parameters<Api["call"]>): Promise<T> {
  const answer = await api.call<T>(method, path, body);
  if (answer.status >= 300)
    throw new Error(`${method} ${path}: ${answer.status} ${JSON.stringify(answer.body)}`);
  return answer.body;
}

async function made(api: Api): Promise<string[]> {
  const ids: string[] = [];
  for (let count = 0; count < SERVERS; count += 1) {
    const { id } = await ok<McpServerJson>(api, "POST", "/api/v1/mcp/servers", {
      name: `made-${count}`,
      transport: "stdio",
      command: "node",
      args: ["-e", PROGRAM],
    });
    const { success, error } = await ok<McpTest>(api, "POST", `/api/v1/mcp/servers/${id}/test`);
    if (!success) throw new Error(`The server can't be tested: ${error}`);
    ids.push(id);
  }
  return ids;
}

const load = () => os.loadavg()[0]?.toFixed(1);
progress(`The machine's load is ${load()} on ${os.cpus().length} cores.`);
const stack = await Stack.start();
const took: { with: number[]; without: number[] } = { with: [], without: [] };
try {
  const api = Api.withKey(stack.url.replace("localhost", "127.0.0.1"), stack.credentials.apiKey);
  const ids = await made(api);
  for (let round = 0; round <= rounds; round++)
    for (const which of ["without", "with"] as const) {
      for (const id of ids)
        await ok(api, "PATCH", `/api/v1/mcp/servers/${id}`, { enabled: which === "with" });
      const { total } = await timeSession(api);
      progress(`  ${which} ${total.toFixed(0)} ms`);
      // One round of each for warmth.
      if (round > 0) took[which].push(total);
    }
} finally {
  await stack.stop();
}
const measured: Figure[] = [0.5, 0.95].map((part) => ({
  name: `click → ready, ${SERVERS} MCP servers, p${part * 100}`,
  unit: "ms",
  measured: percentile(took.with, part),
  baseline: percentile(took.without, part),
  against: "ratio",
  ...(part === 0.5 && { aim: 1.3 }),
  note: `${TOOLS} tools each; ${rounds} rounds; median ${median(took.without).toFixed(0)} without`,
}));
progress(`The load is ${load()} now.\n`);
const shown = `${table(measured)}\n`;
if (values.json) progress(shown);
process.stdout.write(values.json ? `${JSON.stringify(report(measured), null, 2)}\n` : shown);
process.exit(0);
