import { TooLarge } from "#net/body.ts";
import type { StreamEntry } from "../agent/client.ts";
import { firstLine, promptResult } from "../agent/wire.ts";
import { messageOf } from "../log.ts";
import { ProvisionFailure } from "../sandbox-start/steps.ts";
import type { RunEnd } from "./event-buffer.ts";

/** The agent has to be started again. */
export class AgentLost extends Error {
  readonly kind: "agent_exited" | "agent_silent" | "stream_gap";

  constructor(kind: AgentLost["kind"]) {
    super(kind);
    this.kind = kind;
  }
}
/** The sandbox no longer runs. */
export class SandboxGone extends Error {}

/** Whether an error of the agent's stream ends its reading: another connection would bring the same. */
export const endsReading = (error: unknown): boolean =>
  error instanceof AgentLost || error instanceof TooLarge;

/** Why a session cannot go on, for the person who waits. */
export function lostSentence(error: unknown): string {
  if (error instanceof ProvisionFailure)
    return `The agent couldn't be restarted. ${error.message} The transcript is kept.`;
  if (error instanceof SandboxGone)
    return "The sandbox was lost: it's no longer running. Continue the session from what was saved.";
  if (error instanceof TooLarge)
    return `The sandbox sent a message of more than ${error.limit / 1_000_000} MB, which no agent does, so it was ended. Continue the session from what was saved.`;
  return `The connection to the sandbox was lost (${messageOf(error).slice(0, 200)}). Continue the session from what was saved.`;
}

/** How a run ended, by the answer to its prompt. */
export function endingOf(message: StreamEntry["message"], answer: string): RunEnd["ending"] {
  if (message.error) {
    return {
      status: "failed",
      error: `The agent couldn't continue: ${firstLine(message.error.message)}`,
      errorKind: "agent_error",
    };
  }
  const result = promptResult.safeParse(message.result);
  const stopReason = result.success ? result.data.stopReason : "unknown";
  if (stopReason === "cancelled") return { status: "cancelled", message: "The run was stopped." };
  return { status: "completed", output: answer, stopReason };
}
