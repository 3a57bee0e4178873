import { CommandExitError, type Sandbox } from "e2b";
import type { AcpClient } from "../acp/client.ts";
import { messageOf } from "../log.ts";
import { AGENT_PORT, agentServerToken } from "../sandbox/sandbox.ts";
import { ProvisionFailure } from "./steps.ts";
import { AGENT_VARIABLES } from "./variables.ts";
import { WORKSPACE } from "./workspace.ts";

/** It answers within a tenth of a second as a rule; on a busy machine within a few. */
const START_MS = 20_000;
const PROBE_MS = 1_000;
const POLL_MS = 25;

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
  const command = `exec sandbox-agent server --host 127.0.0.1 --port ${AGENT_PORT} --token ${agentServerToken(sessionId)} --no-telemetry`;
  let words = "";
  const ended: { code: number | null } = { code: null };
  const handle = await sandbox.commands.run(command, {
    background: true,
    timeoutMs: 0,
    cwd: WORKSPACE,
    envs: { ...AGENT_VARIABLES, ...variables },
    onStderr: (text) => {
      words = (words + text).slice(-500);
    },
  });
  handle.wait().catch((error: unknown) => {
    // A connection that breaks off says nothing of the process; whether it answers is asked below.
    if (error instanceof CommandExitError) ended.code = error.exitCode;
  });
  const deadline = Date.now() + START_MS;
  while (!(await client.healthy(PROBE_MS))) {
    if (ended.code !== null)
      throw new ProvisionFailure(`The agent server ended with code ${ended.code}: ${words.trim()}`);
    if (Date.now() > deadline)
      throw new ProvisionFailure(`The agent server did not answer within ${START_MS / 1000} s.`);
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
}

/** Every process whose command line names the agent or its server, but for the shell that looks. */
const STOP = `for round in 1 2 3 4 5 6 7 8 9 10; do
  found=
  for folder in /proc/[0-9]*; do
    case "$(tr '\\0' ' ' < "$folder/cmdline" 2>/dev/null)" in
      *"round in"*) ;;
      *"sandbox-agent server"*|*"opencode"*" acp"*) found=1; kill -9 "\${folder#/proc/}" 2>/dev/null ;;
    esac
  done
  [ -z "$found" ] && exit 0
  sleep 0.1
done
exit 1`;
const STOP_MS = 15_000;

/**
 * Ends the agent and its server in a sandbox, however they stand.
 * @throws ProvisionFailure where they do not end
 */
export async function stopAgentServer(sandbox: Sandbox): Promise<void> {
  await sandbox.commands.run(STOP, { timeoutMs: STOP_MS }).catch((error: unknown) => {
    throw new ProvisionFailure(
      error instanceof CommandExitError
        ? "The agent's processes did not end."
        : `The agent's processes could not be ended: ${messageOf(error)}`,
    );
  });
}
