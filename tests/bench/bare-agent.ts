import { execFileSync, spawn } from "node:child_process";
import { randomUUID } from "node:crypto";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { HOME_FILES, HOME_FOLDERS, TEMPLATE_ENV } from "../../sandbox-template/contents.ts";
import { demoSetup } from "./demo-setup.ts";
import { descendantsWith, killAll } from "#tests/processes.ts";
import { freePorts } from "#tests/free-ports.ts";

const root = path.resolve(import.meta.dirname, "../..");
const READY_MS = 60_000;

function prepare(modelUrl: string): { home: string; workspace: string } {
  const home = fs.mkdtempSync(path.join(os.tmpdir(), "studio-bare-"));
  for (const folder of HOME_FOLDERS) fs.mkdirSync(path.join(home, folder), { recursive: true });
  for (const [name, text] of Object.entries(HOME_FILES)) fs.writeFileSync(path.join(home, name), text);
  const workspace = path.join(home, "workspace");
  fs.mkdirSync(workspace);
  fs.writeFileSync(path.join(workspace, "opencode.json"), JSON.stringify(demoSetup(modelUrl).config));
  execFileSync("git", ["init", "-q", "-b", "main"], { cwd: workspace });
  return { home, workspace };
}

async function call(url: string, token: string, method: string, params: object): Promise<void> {
  const response = await fetch(url, {
    method: "POST",
    headers: { "content-type": "application/json", authorization: `Bearer ${token}` },
    body: JSON.stringify({ jsonrpc: "2.0", id: randomUUID(), method, params }),
    signal: AbortSignal.timeout(READY_MS),
  });
  const answer = (await response.json()) as { result?: unknown; error?: unknown };
  if (!response.ok || answer.result === undefined)
    throw new Error(`${method} of the bare agent: ${response.status} ${JSON.stringify(answer)}`);
}

/**
 * The baseline: the same pinned OpenCode behind the same sandbox-agent, with the same configuration, on the machine
 * itself. Answers the milliseconds from the spawn until the agent's session is open, as a person would have it by hand.
 */
export async function timeBareAgent(modelUrl: string): Promise<number> {
  const { home, workspace } = prepare(modelUrl);
  const [port = 0] = await freePorts(1);
  const token = randomUUID();
  const bin = (name: string) => path.join(root, "node_modules", name, "bin");
  const startedAt = performance.now();
  const child = spawn(
    path.join(bin("@sandbox-agent/cli-linux-x64"), "sandbox-agent"),
    ["server", "--host", "127.0.0.1", "--port", String(port), "--token", token, "--no-telemetry"],
    {
      cwd: workspace,
      env: {
        NODE_ENV: "production",
        PATH: [bin("opencode-linux-x64"), process.env.PATH].join(path.delimiter),
        HOME: home,
        DEMO_API_KEY: "none",
        ...TEMPLATE_ENV,
        // By hand it has the whole list of models.
        OPENCODE_MODELS_PATH: undefined,
      },
      stdio: "ignore",
    },
  );
  try {
    const base = `http://127.0.0.1:${port}/v1`;
    const healthy = async () =>
      await fetch(`${base}/health`, { headers: { authorization: `Bearer ${token}` } }).then(
        (response) => response.ok,
        () => false,
      );
    while (!(await healthy())) {
      if (child.exitCode !== null || performance.now() - startedAt > READY_MS)
        throw new Error("The bare agent's server did not come up.");
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
    const server = `${base}/acp/bare`;
    const clientCapabilities = { fs: { readTextFile: false, writeTextFile: false }, terminal: false };
    await call(`${server}?agent=opencode`, token, "initialize", { protocolVersion: 1, clientCapabilities });
    await call(server, token, "session/new", { cwd: workspace, mcpServers: [] });
    return performance.now() - startedAt;
  } finally {
    const below = descendantsWith(child.pid ?? 0, "");
    const ended = new Promise((resolve) => child.once("exit", resolve));
    child.kill("SIGKILL");
    killAll(below);
    if (child.exitCode === null && child.signalCode === null) await ended;
    fs.rmSync(home, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 });
  }
}
