import type { Sandbox } from "e2b";
import type { AcpClient } from "../acp/client.ts";
import { log, messageOf } from "../log.ts";
import { AGENT_PORT, agentServerToken } from "../sandbox/sandbox.ts";
import { ProvisionFailure } from "./steps.ts";
import { AGENT_VARIABLES } from "./variables.ts";
import { WORKSPACE } from "./workspace.ts";

/** It answers within a tenth of a second as a rule; one that has not by then is ended, and another one started. */
const ATTEMPTS = 3;
const ATTEMPT_MS = 8_000;
const PROBE_MS = 1_000;
const POLL_MS = 25;

/** One try: starts the server, and asks it until it answers. Answers what went wrong, or null. */
async function attempt(sandbox: Sandbox, command: string, client: AcpClient): Promise<string | null> {
  let words = "";
  const ended: { how: string | null } = { how: null };
  const handle = await sandbox.commands.run(command, {
    background: true,
    timeoutMs: 0,
    cwd: WORKSPACE,
    envs: AGENT_VARIABLES,
    onStderr: (text) => {
      words = (words + text).slice(-500);
    },
  });
  handle.wait().catch((error: unknown) => {
    ended.how = messageOf(error);
  });
  const deadline = Date.now() + ATTEMPT_MS;
  while (Date.now() < deadline && ended.how === null) {
    if (await client.healthy(PROBE_MS)) return null;
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
  if (ended.how === null) await handle.kill();
  return `${ended.how ?? `no answer within ${ATTEMPT_MS / 1000} s`} ${words.trim()}`.trim();
}

/**
 * Starts the agent's server in a sandbox, and waits until it answers.
 * @throws ProvisionFailure where it does not, with what it said last
 */
export async function startAgentServer(
  sandbox: Sandbox,
  sessionId: string,
  client: AcpClient,
): Promise<void> {
  const command = `exec sandbox-agent server --host 127.0.0.1 --port ${AGENT_PORT} --token ${agentServerToken(sessionId)} --no-telemetry`;
  let fault: string | null = null;
  for (let tries = 1; tries <= ATTEMPTS; tries++) {
    fault = await attempt(sandbox, command, client);
    if (fault === null) return;
    log("warn", "the agent's server did not start", { sessionId, tries, fault });
  }
  throw new ProvisionFailure(`The agent server did not start in ${ATTEMPTS} tries: ${fault}`);
}
