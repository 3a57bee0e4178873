import { CommandExitError, type Sandbox } from "e2b";
import type { AcpClient } from "../acp/client.ts";
import { messageOf } from "../log.ts";
import { AGENT_PORT, agentServerToken, SUBAGENT_PORT, subagentPassword } from "../sandbox/sandbox.ts";
import { ProvisionFailure } from "./steps.ts";
import { AGENT_VARIABLES } from "./variables.ts";
import { WORKSPACE } from "./workspace.ts";

/** It answers within a tenth of a second as a rule; on a busy machine within a few. */
const START_MS = 20_000;
const PROBE_MS = 1_000;
const POLL_MS = 25;

/**
 * A subagent's questions do not come by ACP (OpenCode 1.18.33): the agent runs behind a wrapper of its name that has it
 * open its own server too, where they can be read and answered. The agent server has no option for that.
 */
const BEHIND_WRAPPER = `bin="\${HOME:-/tmp}/.studio/bin"; mkdir -p "$bin" && cat > "$bin/opencode" <<'WRAPPER'
#!/bin/sh
PATH="\${PATH#*:}"
export PATH
[ "$1" = acp ] && shift && exec opencode acp --hostname 127.0.0.1 --port ${SUBAGENT_PORT} "$@"
exec opencode "$@"
WRAPPER
chmod 755 "$bin/opencode" && PATH="$bin:$PATH" &&`;

/**
 * Starts the agent's server in a sandbox, and waits until it answers.
 * @param variables that it needs beside the sandbox's own
 * @throws ProvisionFailure where it ends instead, with its last words, or does not answer in time
 */
export async function startAgentServer(
  sandbox: Sandbox,
  sessionId: string,
  client: AcpClient,
  variables: Record<string, string> = {},
): Promise<void> {
  const command = `${BEHIND_WRAPPER} exec sandbox-agent server --host 127.0.0.1 --port ${AGENT_PORT} --token ${agentServerToken(sessionId)} --no-telemetry`;
  let words = "";
  const ended: { code: number | null } = { code: null };
  const handle = await sandbox.commands.run(command, {
    background: true,
    timeoutMs: 0,
    cwd: WORKSPACE,
    envs: { ...AGENT_VARIABLES, OPENCODE_SERVER_PASSWORD: subagentPassword(sessionId), ...variables },
    onStderr: (text) => {
      words = (words + text).slice(-500);
    },
  });
  handle.wait().catch((error: unknown) => {
    // A connection that breaks off says nothing of the process; whether it answers is asked below.
    if (error instanceof CommandExitError) ended.code = error.exitCode;
  });
  const deadline = performance.now() + START_MS;
  while (!(await client.healthy(PROBE_MS))) {
    if (ended.code !== null)
      throw new ProvisionFailure(`The agent server ended with code ${ended.code}: ${words.trim()}`);
    if (performance.now() > deadline)
      throw new ProvisionFailure(`The agent server did not answer within ${START_MS / 1000} s.`, {
        passing: true,
      });
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
}

/**
 * Ends the agent, its server, and everything that they started, until none of them is left; it runs in the sandbox.
 * Without its children a command would go on that nobody sees any more.
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
const ofAgent = ({ line }) => /sandbox-agent server|opencode\\S* acp/.test(line) && !line.includes("ofAgent");
const doomed = new Set();
for (let round = 0; round < 50; round++) {
  const all = processes().filter(({ zombie }) => !zombie);
  for (const one of all) if (ofAgent(one)) doomed.add(one.pid);
  for (let grown = -1; grown !== doomed.size; ) {
    grown = doomed.size;
    for (const { pid, parent } of all) if (doomed.has(parent) && pid !== process.pid) doomed.add(pid);
  }
  const left = all.filter(({ pid }) => doomed.has(pid));
  if (left.length === 0) process.exit(0);
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
  await sandbox.commands.run(`node -e '${STOP}'`, { timeoutMs: STOP_MS }).catch((error: unknown) => {
    throw new ProvisionFailure(
      error instanceof CommandExitError
        ? "The agent's processes did not end."
        : `The agent's processes could not be ended: ${messageOf(error)}`,
    );
  });
}
