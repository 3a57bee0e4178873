import { randomUUID } from "node:crypto";
import fs from "node:fs";
import path from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { MACHINE_TOOLS } from "../../../sandbox-template/contents.ts";
import { missingMachineTools, writeLocalTemplate } from "../../../sandbox-template/local.ts";
import { VERSIONS } from "../../../sandbox-template/versions.ts";
import { eventually, HostProcess, REPO, temporaryFolder } from "./host-process.ts";

const AGENT_PORT = 2468;
const TOKEN = "test-token";
const MODEL = "local/small";

/** As a project would have it: a provider of the OpenAI-compatible kind, whose server is never called here. */
const OPENCODE_CONFIG = {
  $schema: "https://opencode.ai/config.json",
  model: MODEL,
  small_model: MODEL,
  enabled_providers: ["local"],
  autoupdate: false,
  share: "disabled",
  provider: {
    local: {
      npm: "@ai-sdk/openai-compatible",
      name: "Local",
      options: { baseURL: "http://models.internal:8080/v1", apiKey: "{env:MODEL_KEY}" },
      models: {
        small: { name: "Small", limit: { context: 32_000, output: 4_000 }, cost: { input: 0, output: 0 } },
      },
    },
  },
};

const temporary = temporaryFolder();
let host: HostProcess;

beforeAll(async () => {
  const template = path.join(temporary.folder, "template");
  const struereBundle = path.join(temporary.folder, "bundle.mjs");
  fs.writeFileSync(struereBundle, 'console.log("struere", ...process.argv.slice(2));\n');
  await writeLocalTemplate({ folder: template, repoRoot: REPO, struereBundle });
  host = await HostProcess.start(path.join(temporary.folder, "data"), ["--template", `studio=${template}`]);
});

afterAll(async () => {
  await host?.stop();
  temporary.remove();
});

interface RpcReply {
  result?: {
    sessionId?: string;
    agentCapabilities?: { loadSession?: boolean };
    configOptions?: { id: string; currentValue: string }[];
  };
  error?: unknown;
}

test("the template has the pinned programs on PATH, and nobody can change them", async () => {
  const sandbox = await host.create({}, "studio");
  const { stdout } = await sandbox.commands.run(
    "node --version; opencode --version; sandbox-agent --version; rg --version | head -1; git --version; struere status --x",
    { timeoutMs: 30_000 },
  );
  const lines = stdout.trim().split("\n");
  expect(lines[0]).toBe(`v${VERSIONS.node}`);
  expect(lines[1]).toBe(VERSIONS.opencode);
  expect(lines[2]).toContain(VERSIONS.sandboxAgent);
  expect(lines[3]).toMatch(/^ripgrep \d/);
  expect(lines[4]).toMatch(/^git version \d/);
  expect(lines[5]).toBe("struere status --x");
  const write = await sandbox.commands.run("echo x >> $(command -v opencode) || echo refused");
  expect(write.stdout.trim()).toBe("refused");
  await sandbox.kill();
});

test("people find npm, pnpm, bun and tsc as pinned, and what they install for all projects is on PATH", async () => {
  const sandbox = await host.create({}, "studio");
  const { dependencies } = JSON.parse(
    fs.readFileSync(path.join(REPO, "sandbox-template/tools/package.json"), "utf8"),
  ) as { dependencies: Record<string, string> };
  const versions = await sandbox.commands.run(
    "for tool in npm npx pnpm bun bunx tsc; do echo $tool $($tool --version | sed 's/^Version //'); done",
    { timeoutMs: 60_000 },
  );
  const { npm, pnpm, typescript, "@oven/bun-linux-x64-baseline": bun } = dependencies;
  expect(versions.stdout.trim().split("\n")).toEqual([
    `npm ${npm}`,
    `npx ${npm}`,
    `pnpm ${pnpm}`,
    `bun ${bun}`,
    `bunx ${bun}`,
    `tsc ${typescript}`,
  ]);
  const manifest = { name: "greeter", version: "1.0.0", bin: { greet: "greet.mjs" } };
  const script = "#!/usr/bin/env node\nconsole.log('hello from', process.argv[1]);\n";
  await sandbox.files.write("/workspace/greeter/package.json", JSON.stringify(manifest));
  await sandbox.files.write("/workspace/greeter/greet.mjs", script);
  for (const install of [
    "npm install --global --offline ./greeter",
    "pnpm add --global --offline ./greeter",
  ]) {
    const { stdout } = await sandbox.commands.run(
      `cd /workspace && chmod +x greeter/greet.mjs && ${install} >&2 && greet && rm -rf ~/.local`,
      { timeoutMs: 60_000 },
    );
    expect(stdout, install).toMatch(/^hello from \//);
  }
  await sandbox.kill();
});

test("a sandbox has of this machine's Python and compilers what the start says that it has", async () => {
  const { names } = await missingMachineTools();
  const sandbox = await host.create({}, "studio");
  const quoted = (words: string[]) => words.map((word) => `'${word}'`).join(" ");
  const probes = MACHINE_TOOLS.map(
    ({ name, probe }) => `${quoted(probe)} > /dev/null 2>&1 || echo '${name}'`,
  );
  const { stdout } = await sandbox.commands.run(probes.join("\n"), { timeoutMs: 60_000 });
  expect(stdout.split("\n").filter(Boolean)).toEqual(names);
  const written = "int main(void) { return 0; }\n";
  if (!names.includes("a C compiler")) {
    await sandbox.files.write("/workspace/main.c", written);
    await sandbox.commands.run("cc -o main main.c && ./main", { cwd: "/workspace", timeoutMs: 60_000 });
  }
  if (!names.includes("venv")) {
    const { stdout: version } = await sandbox.commands.run("python3 -m venv env && env/bin/pip --version", {
      cwd: "/workspace",
      timeoutMs: 120_000,
    });
    expect(version).toMatch(/^pip \d/);
  }
  await sandbox.kill();
});

test("sandbox-agent starts OpenCode, which opens a session on the configured model and calls no network", async () => {
  const times: Record<string, number> = {};
  let last = performance.now();
  const lap = (name: string) => {
    times[name] = Math.round(performance.now() - last);
    last = performance.now();
  };
  const sandbox = await host.create(
    {
      envs: { MODEL_KEY: "k" },
      network: { denyOut: ["0.0.0.0/0"], allowPublicTraffic: false },
      timeoutMs: 240_000,
    },
    "studio",
  );
  lap("create");
  await sandbox.commands.run("git init -q /workspace");
  lap("firstCommand");
  await sandbox.files.write("/workspace/opencode.json", JSON.stringify(OPENCODE_CONFIG));
  await sandbox.commands.run(
    `sandbox-agent server --host 127.0.0.1 --port ${AGENT_PORT} --token ${TOKEN} --no-telemetry`,
    { background: true, timeoutMs: 0, cwd: "/workspace" },
  );
  const headers = {
    authorization: `Bearer ${TOKEN}`,
    "content-type": "application/json",
    "e2b-traffic-access-token": sandbox.trafficAccessToken ?? "",
  };
  await eventually("sandbox-agent is healthy", async () => {
    const health = await host.fetchPort(sandbox, AGENT_PORT, "/v1/health", { headers });
    await health.arrayBuffer();
    return health.ok;
  });
  lap("agentReady");
  const call = async (method: string, params: object): Promise<RpcReply> => {
    const response = await host.fetchPort(sandbox, AGENT_PORT, "/v1/acp/test?agent=opencode", {
      method: "POST",
      headers,
      body: JSON.stringify({ jsonrpc: "2.0", id: randomUUID(), method, params }),
      signal: AbortSignal.timeout(100_000),
    });
    expect(response.status, await response.clone().text()).toBe(200);
    return (await response.json()) as RpcReply;
  };
  const initialized = await call("initialize", { protocolVersion: 1, clientCapabilities: {} });
  expect(initialized.result?.agentCapabilities?.loadSession).toBe(true);
  lap("initialize");
  const session = await call("session/new", { cwd: "/workspace", mcpServers: [] });
  lap("sessionNew");
  expect(session.error).toBeUndefined();
  expect(session.result?.sessionId).toMatch(/^ses_/);
  const model = session.result?.configOptions?.find((option) => option.id === "model");
  expect(model?.currentValue).toBe(MODEL);
  expect(host.stderr, "refused connections are logged").not.toContain("egress to");
  expect(await sandbox.kill()).toBe(true);
  console.log(`agent in a sandbox, ms: ${JSON.stringify(times)}`);
}, 240_000);
