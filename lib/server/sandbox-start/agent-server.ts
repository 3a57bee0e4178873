import { CommandExitError, type Sandbox } from "e2b";
import { TimedOut, until } from "#net/retry.ts";
import type { AgentPlace } from "../agent/bridge.ts";
import type { AcpClient } from "../agent/client.ts";
import { messageOf } from "../log.ts";
import { AGENT_PORT, agentKey, SUBAGENT_PORT } from "../sandbox/sandbox.ts";
import { ProvisionFailure } from "./steps.ts";
import { AGENT_VARIABLES, sealedVariables } from "./variables.ts";

/** It answers within a tenth of a second as a rule; on a busy machine within a few. */
const START_MS = 20_000;
const PROBE_MS = 1_000;
const POLL_MS = 25;

/**
 * Studio's own commands run in a login shell, which reads files of the home folder: what the agent's tools write into
 * theirs must not be among them. The template has this one, which nobody inside can write to.
 */
const OUTSIDE = { cwd: "/", envs: { HOME: "/opt/studio/agent/home", STUDIO_HOME: "/home/user" } };

/** What of a sandbox the bridge is started with. */
export interface BridgeSandbox {
  commands: Pick<Sandbox["commands"], "run" | "sendStdin">;
}

/**
 * Starts the bridge to the agent in a sandbox, and does something with it until it is up.
 * @param variables that its commands need beside the sandbox's own
 * @param startMs how long that may take in all
 * @throws ProvisionFailure where it ends instead, with its last words, or does not answer in time
 */
export async function withBridge(
  sandbox: BridgeSandbox,
  variables: Record<string, string>,
  startMs: number,
  work: (bridge: {
    pid: number;
    said: () => string;
    waitFor: (what: string, reached: () => boolean | Promise<boolean>) => Promise<void>;
  }) => Promise<void>,
): Promise<void> {
  const deadline = performance.now() + startMs;
  let words = "";
  let said = "";
  const ended: { code: number | null } = { code: null };
  const handle = await sandbox.commands.run("exec studio-agent", {
    background: true,
    timeoutMs: 0,
    stdin: true,
    cwd: OUTSIDE.cwd,
    envs: { ...OUTSIDE.envs, ...variables },
    onStdout: (text) => {
      said += text;
    },
    onStderr: (text) => {
      words = (words + text).slice(-500);
    },
  });
  handle.wait().catch((error: unknown) => {
    // A connection that breaks off says nothing of the process; whether it answers is asked below.
    if (error instanceof CommandExitError) ended.code = error.exitCode;
  });
  const waitFor = async (what: string, reached: () => boolean | Promise<boolean>): Promise<void> => {
    const look = async () => {
      if (await reached()) return true;
      if (ended.code !== null)
        throw new ProvisionFailure(`The agent server exited with code ${ended.code}: ${words.trim()}`);
      return false;
    };
    try {
      await until(what, look, { timeoutMs: deadline - performance.now(), everyMs: POLL_MS });
    } catch (error) {
      if (!(error instanceof TimedOut)) throw error;
      throw new ProvisionFailure(`The agent server didn't respond within ${startMs / 1000} s.`, {
        passing: true,
      });
    }
  };
  try {
    // Before, it may still be the shell, whose stdin others could read.
    await waitFor("the bridge", () => said.includes("waiting"));
    await work({ pid: handle.pid, said: () => said, waitFor });
  } finally {
    // The command goes on without it. A handle keeps all that the command prints in memory, for as long as it lives.
    await handle.disconnect();
  }
}

/** The line that makes a bridge a session's: its key, and the configuration that enforces. */
export const startLine = (
  { sessionId, acpServerId }: AgentPlace,
  config: Record<string, unknown>,
  variables: Record<string, string> = {},
): string =>
  `${JSON.stringify({
    key: agentKey(sessionId, acpServerId),
    port: AGENT_PORT,
    agentPort: SUBAGENT_PORT,
    settings: sealedVariables(config),
    env: { ...AGENT_VARIABLES, ...variables },
  })}\n`;

/**
 * Starts the bridge to the agent in a sandbox, and waits until it answers. Its key, and the configuration that
 * enforces, go in by its stdin once it runs: neither an environment nor a command line nor the workspace has them.
 * @param config OpenCode's configuration
 * @param variables that the agent needs beside the sandbox's own
 * @throws ProvisionFailure where it ends instead, with its last words, or does not answer in time
 */
export async function startAgentServer(
  sandbox: BridgeSandbox,
  place: AgentPlace,
  client: Pick<AcpClient, "healthy">,
  config: Record<string, unknown>,
  variables: Record<string, string> = {},
): Promise<void> {
  await withBridge(sandbox, variables, START_MS, async ({ pid, waitFor }) => {
    await sandbox.commands.sendStdin(pid, startLine(place, config));
    await waitFor("the agent", async () => await client.healthy(PROBE_MS));
  });
}

/**
 * Ends the agent, its server, and everything that they started, until none of them is left; it runs in the sandbox.
 * Without its children a command would go on that nobody sees. What the agent's store allows is forgotten:
 * Studio keeps what was allowed, and the store can be written by what was let run.
 */
const STOP = `
const fs = require("fs");
const read = (file) => { try { return fs.readFileSync(file, "utf8"); } catch { return ""; } };
const processes = () => fs.readdirSync("/proc").filter((name) => /^[0-9]+$/.test(name)).map(Number).map((pid) => ({
  pid,
  parent: Number(/^PPid:\\s*(\\d+)/m.exec(read("/proc/" + pid + "/status"))?.[1] ?? 0),
  zombie: /^State:\\s*Z/m.test(read("/proc/" + pid + "/status")),
  line: read("/proc/" + pid + "/cmdline").replaceAll("\\0", " "),
}));
const ofAgent = ({ line }) => /agent\\/bridge\\.mjs|opencode\\S* acp/.test(line) && !line.includes("ofAgent");
const store = process.env.STUDIO_HOME + "/.local/share/opencode/opencode.db";
const forget = () => {
  if (!fs.existsSync(store)) return;
  try {
    const { DatabaseSync } = require("node:sqlite");
    const db = new DatabaseSync(store, { timeout: 2000 });
    db.exec("update session set permission = null where parent_id is null");
    db.exec("delete from permission");
  } catch (error) { console.error(String(error)); }
};
const doomed = new Set();
for (let round = 0; round < 50; round++) {
  const all = processes().filter(({ zombie }) => !zombie);
  for (const one of all) if (ofAgent(one)) doomed.add(one.pid);
  for (let grown = -1; grown !== doomed.size; ) {
    grown = doomed.size;
    for (const { pid, parent } of all) if (doomed.has(parent) && pid !== process.pid) doomed.add(pid);
  }
  const left = all.filter(({ pid }) => doomed.has(pid));
  if (left.length === 0) { forget(); process.exit(0); }
  for (const { pid } of left) try { process.kill(pid, "SIGKILL"); } catch {}
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 100);
}
process.exit(1);
`;
const STOP_MS = 15_000;

/**
 * Ends the agent, its server and their commands in a sandbox, however they stand.
 * @throws ProvisionFailure where they do not end
 */
export async function stopAgentServer(sandbox: Sandbox): Promise<void> {
  await sandbox.commands
    .run(`node -e '${STOP}'`, { ...OUTSIDE, timeoutMs: STOP_MS })
    .catch((error: unknown) => {
      throw new ProvisionFailure(
        error instanceof CommandExitError
          ? "The agent's processes didn't end."
          : `The agent's processes couldn't be ended: ${messageOf(error)}`,
      );
    });
}
