import { AGENT_EXITED, AgentServerError } from "../agent/bridge.ts";
import type { AcpClient } from "../agent/client.ts";
import { TimedOut, until } from "../../net/retry.ts";
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
  if (error instanceof AgentServerError && error.code === AGENT_EXITED) return new AgentLost("agent_exited");
  const look = async (): Promise<Error | false> => {
    const runs = await sandboxRuns(sandboxId);
    if (runs === false) return new SandboxGone();
    const state = await client.state(PROBE_MS);
    if (state === "well") return unexplained;
    if (runs && (state === "ended" || error instanceof AgentServerError))
      return new AgentLost("agent_exited");
    return false;
  };
  const unexplained = new Error("the agent is there");
  try {
    const cause = await until("why a message was not taken", look, {
      timeoutMs: LOST_AFTER_MS,
      everyMs: PROBE_AGAIN_MS,
    });
    return cause === unexplained ? error : cause;
  } catch (thrown) {
    if (thrown instanceof TimedOut) return error;
    throw thrown;
  }
}
