import { AgentServerError } from "../agent/bridge.ts";
import type { AcpClient } from "../agent/client.ts";
import { messageOf } from "../log.ts";
import { sandboxRuns } from "../sandbox/sandbox.ts";
import { AgentLost, SandboxGone } from "./endings.ts";

/** How long an agent's stream may be out of reach before its sandbox counts as lost. */
export const LOST_AFTER_MS = 30_000;
export const PROBE_AGAIN_MS = 500;
/** How long the agent's server may not answer, in a sandbox that runs, before it counts as ended. */
const AGENT_GONE_AFTER_MS = 3_000;
const PROBE_MS = 2_000;

/** Finds out why the stream has been broken for so long. @throws SandboxGone | AgentLost */
export async function throwIfLost(client: AcpClient, sandboxId: string, brokenForMs: number): Promise<void> {
  const runs = await sandboxRuns(sandboxId);
  if (runs === false || brokenForMs > LOST_AFTER_MS) throw new SandboxGone();
  if (runs && brokenForMs > AGENT_GONE_AFTER_MS && (await client.state(PROBE_MS)) === "ended")
    throw new AgentLost("agent_exited");
}

/**
 * Why a message was not taken.
 * @returns SandboxGone, AgentLost, or the error itself where the agent is there all the same
 */
export async function causeOfFailedPost(
  error: unknown,
  client: AcpClient,
  sandboxId: string,
): Promise<unknown> {
  if (/agent_process_exited/.test(messageOf(error))) return new AgentLost("agent_exited");
  const deadline = performance.now() + LOST_AFTER_MS;
  for (;;) {
    const runs = await sandboxRuns(sandboxId);
    if (runs === false) return new SandboxGone();
    const state = await client.state(PROBE_MS);
    if (state === "well") return error;
    if (runs && (state === "ended" || error instanceof AgentServerError))
      return new AgentLost("agent_exited");
    if (performance.now() > deadline) return error;
    await new Promise((resolve) => setTimeout(resolve, PROBE_AGAIN_MS));
  }
}
