/**
 * Stands between the agent and one MCP server of stdio inside the sandbox. `mcp.mjs serve <file>` is what the agent starts:
 * it has the tools that were approved, as they were then, at once, while the server itself starts behind it; `mcp.mjs look
 * <file>` starts the server, prints what it offers as JSON, and ends. The file says how the server is started.
 */
import { createHash } from "node:crypto";
import fs from "node:fs";
import { StdioClientTransport } from "@modelcontextprotocol/client/stdio";
import type { CallToolResult } from "@modelcontextprotocol/server";
import { serveStdio } from "@modelcontextprotocol/server/stdio";
import { z } from "zod";
import { MCP_FAILURES, MCP_LIMITS, type McpTool, toolsText } from "#domain/mcp.ts";
import { mcpToolsSchema } from "#domain/mcp-tools.ts";
import { callTool, connect, faultOf, listTools, McpFault, type McpConnection } from "#mcp/client.ts";
import { failureIn, pinnedServer } from "#mcp/front.ts";

const options = z.object({
  name: z.string(),
  command: z.string(),
  args: z.array(z.string()),
  env: z.record(z.string(), z.string()),
  cwd: z.string(),
  /** What was approved; to look, none. */
  tools: mcpToolsSchema.default([]),
  /** Where Studio is told whether the server runs, with the token for it. */
  report: z.object({ url: z.string(), token: z.string() }).optional(),
});
type Options = z.infer<typeof options>;

/** What a server has of the sandbox's own variables: the agent's others hold its tokens. */
const PASSED = ["PATH", "HOME", "LANG", "LC_ALL", "TERM", "TMPDIR", "USER", "SHELL"];
/** How package managers find their registries, and programs their way out under the network policy. */
const PASSED_PREFIX =
  /^(?:NPM_CONFIG_|PNPM_|BUN_|PIP_|SSL_CERT|REQUESTS_CA|CURL_CA|GIT_SSL|NODE_EXTRA_CA|NODE_USE_ENV_PROXY|(?:https?|all|no)_proxy$)/i;
const STDERR_CHARS = 2_000;
/** The agent starts first: a server would take its time from it. */
const START_AFTER_MS = 2_000;
/** It may be fetched first. */
const START_MS = MCP_LIMITS.connectMs * 2;
const REPORT_MS = 10_000;
/** Calls are told together. */
const TELL_MS = 3_000;
/** A server that does not start is tried again at a call, but not more often. */
const AGAIN_MS = 5_000;

function environment(own: Record<string, string>): Record<string, string> {
  const passed = Object.entries(process.env).filter(
    ([name, value]) => value !== undefined && (PASSED.includes(name) || PASSED_PREFIX.test(name)),
  ) as [string, string][];
  return { ...Object.fromEntries(passed), ...own };
}

interface Started extends McpConnection {
  tools: McpTool[];
  close: () => Promise<void>;
}

/** Starts the server and asks it for its tools. @throws McpFault, with the end of what it said besides as its cause */
async function start(
  { command, args, env, cwd }: Options,
  timeoutMs: number,
  onEnd: () => void,
): Promise<Started> {
  const transport = new StdioClientTransport({
    command,
    args,
    cwd,
    env: environment(env),
    stderr: "pipe",
    maxBufferSize: MCP_LIMITS.messageBytes,
  });
  let said = "";
  transport.stderr?.on("data", (piece: Buffer) => {
    said = (said + piece.toString("utf8")).slice(-STDERR_CHARS);
  });
  try {
    const connection = await connect(transport, { timeoutMs });
    // The protocol's client has no other way to say so.
    // oxlint-disable-next-line unicorn/prefer-add-event-listener
    connection.client.onclose = onEnd;
    const close = async () => await connection.client.close();
    try {
      return { ...connection, tools: await listTools(connection.client, timeoutMs), close };
    } catch (error) {
      await close();
      throw error;
    }
  } catch (error) {
    const fault = isMissing(error)
      ? new McpFault("unreachable", `There's no program “${command.slice(0, 100)}” in the sandbox.`)
      : faultOf(error, timeoutMs);
    throw new McpFault(fault.kind, fault.message, { cause: said });
  }
}

function isMissing(error: unknown): boolean {
  for (let at = error; at instanceof Error; at = at.cause)
    if ("code" in at && at.code === "ENOENT") return true;
  return false;
}

async function look(given: Options): Promise<void> {
  const print = (value: object) => process.stdout.write(`${JSON.stringify(value)}\n`);
  try {
    const { info, latencyMs, tools, close } = await start(given, MCP_LIMITS.testMs - 10_000, () => undefined);
    print({ ok: true, info, latencyMs, tools });
    await close();
  } catch (error) {
    const fault = faultOf(error, MCP_LIMITS.testMs);
    print({ ok: false, message: fault.message, said: typeof fault.cause === "string" ? fault.cause : "" });
  }
  process.exit(0);
}

/** Tells Studio whether the server runs: the agent itself says nothing of one that does not. */
async function report({ report: to }: Options, found: object): Promise<void> {
  if (!to) return;
  await fetch(to.url, {
    method: "POST",
    headers: { "content-type": "application/json", authorization: `Bearer ${to.token}` },
    body: JSON.stringify(found),
    signal: AbortSignal.timeout(REPORT_MS),
  })
    .then(async (answer) => await answer.body?.cancel())
    .catch(() => undefined);
}

const same = (a: McpTool, b: McpTool | undefined): boolean =>
  b !== undefined && toolsText([a]) === toolsText([b]);

const NONE = { calls: 0, errors: 0, total_ms: 0, max_ms: 0, result_bytes: 0 };

/** Counts calls, and tells Studio of them now and then; of one that takes long, that the session waits for it. */
function counting(given: Options) {
  let counted = { ...NONE, failures: [] as { tool: string; message: string }[] };
  let timer: NodeJS.Timeout | undefined;
  const tell = () => {
    timer = undefined;
    const said = counted;
    counted = { ...NONE, failures: [] };
    void report(given, { status: "calls", ...said });
  };
  const count = (tool: string, ms: number, failure: string | undefined, bytes: number) => {
    const { calls, errors, total_ms, max_ms, result_bytes, failures } = counted;
    const message = failure?.slice(0, MCP_LIMITS.failureChars);
    counted = {
      calls: calls + 1,
      errors: errors + (message === undefined ? 0 : 1),
      total_ms: total_ms + ms,
      max_ms: Math.max(max_ms, ms),
      result_bytes: result_bytes + bytes,
      failures: message === undefined ? failures : [...failures, { tool, message }].slice(-MCP_FAILURES),
    };
    timer ??= setTimeout(tell, TELL_MS);
  };
  return async (tool: string, call: () => Promise<CallToolResult>): Promise<CallToolResult> => {
    const began = performance.now();
    const took = () => Math.round(performance.now() - began);
    let said: Promise<void> | undefined;
    const long = setTimeout(() => {
      said = report(given, { status: "waiting", waiting: true });
    }, MCP_LIMITS.waitShownMs);
    try {
      const result = await call();
      count(tool, took(), failureIn(result), Buffer.byteLength(JSON.stringify(result.content)));
      return result;
    } catch (error) {
      count(tool, took(), error instanceof McpFault ? error.message : "It failed.", 0);
      throw error;
    } finally {
      clearTimeout(long);
      if (said) void said.then(async () => await report(given, { status: "waiting", waiting: false }));
    }
  };
}

function serve(given: Options): void {
  let started: Promise<Started> | undefined;
  let failedAt = -Infinity;
  let isEnding = false;
  const server = async (): Promise<Started> => {
    if (started) return await started;
    if (performance.now() - failedAt < AGAIN_MS) throw new McpFault("ended", "It didn't start.");
    const beginning = start(given, START_MS, () => {
      if (started !== beginning) return;
      started = undefined;
      if (!isEnding)
        void report(given, { status: "error", error: "It ended. It starts again at its next call." });
    });
    started = beginning;
    try {
      const { info, tools, latencyMs } = await beginning;
      const digest = createHash("sha256").update(toolsText(tools)).digest("hex");
      void report(given, { status: "connected", info, tools: tools.length, digest, latency_ms: latencyMs });
      return await beginning;
    } catch (error) {
      started = undefined;
      failedAt = performance.now();
      const fault = faultOf(error, START_MS);
      void report(given, { status: "error", error: fault.message });
      throw fault;
    }
  };
  const counts = counting(given);
  const front = () =>
    pinnedServer(given.name, given.tools, async (tool, args, signal) => {
      return await counts(tool.name, async () => await call(tool, args, signal));
    });
  const call = async (tool: McpTool, args: Record<string, unknown>, signal: AbortSignal) => {
    const { client, tools } = await server();
    // What its description promised is what was approved.
    if (
      !same(
        tool,
        tools.find(({ name }) => name === tool.name),
      )
    )
      throw new McpFault("unlisted", `${tool.name} isn't what an admin has approved any more.`);
    return await callTool(client, tool, args, { signal });
  };
  const handle = serveStdio(front);
  const timer = setTimeout(() => void server().catch(() => undefined), START_AFTER_MS);
  const end = () => {
    isEnding = true;
    clearTimeout(timer);
    const ending = started?.then(async ({ close }) => await close()).catch(() => undefined);
    void Promise.allSettled([ending, handle.close()]).then(() => process.exit(0));
  };
  process.stdin.once("end", end).once("close", end);
  for (const signal of ["SIGTERM", "SIGINT", "SIGHUP"] as const) process.once(signal, end);
}

const [act, file = ""] = process.argv.slice(2);
const given = options.parse(JSON.parse(fs.readFileSync(file, "utf8")));
if (act === "look") await look(given);
else serve(given);
