import { TooLarge } from "#net/body.ts";
import { api } from "#convex/_generated/api.js";
import type { Id } from "#convex/_generated/dataModel.js";
import { type Data, serviceData } from "../convex/client.ts";
import { isLeaseLost } from "../convex/refusal.ts";
import { log, messageOf } from "../log.ts";
import { ProvisionFailure } from "../sandbox-start/steps.ts";
import { isGone } from "../sandbox/sandbox.ts";
import { AgentLost, lostSentence, SandboxGone } from "./endings.ts";
import type { EventBuffer } from "./event-buffer.ts";
import type { Lease } from "./lease.ts";

/** Ends a session that cannot go on, with the reason in a sentence. Throws nothing. */
export async function failSession(lease: Lease, cause: unknown, data: Data = serviceData()): Promise<void> {
  if (isLeaseLost(cause)) return;
  const error = isGone(cause) ? new SandboxGone() : cause;
  const { sessionId } = lease;
  log("warn", "a session's connection was given up", { sessionId, error: messageOf(error) });
  await data
    .mutation(api.sandboxSessions.fail, {
      ...lease,
      error: lostSentence(error),
      errorKind:
        error instanceof ProvisionFailure
          ? "agent_exited"
          : // What its programs sent is not the platform's fault.
            error instanceof TooLarge
            ? "agent_error"
            : "sandbox_lost",
    })
    .catch((failure: unknown) =>
      log("error", "a lost session could not be ended", { error: messageOf(failure) }),
    );
}

interface Options {
  lease: Lease;
  buffer: Pick<EventBuffer, "flush">;
  /** Ends the work on the session here. */
  end: () => void;
  /** Has the commands sent again that were not sent. */
  sendAgain: () => void;
  /** Ends the agent's processes. */
  endAgent: () => Promise<void>;
  data?: Data;
}

/** Knows what follows from each thing that goes wrong while a session is carried. Nothing here throws. */
export class RelayFaults {
  readonly #options: Options;
  readonly #data: Data;
  #ending: Promise<void> = Promise.resolve();

  constructor(options: Options) {
    this.#options = options;
    this.#data = options.data ?? serviceData();
  }

  /** Has the agent started again by the server that works on the session next: as a rule this one, at once. */
  async agentLost(cause: AgentLost["kind"]): Promise<void> {
    const { lease, buffer, end } = this.#options;
    const { sessionId } = lease;
    log("warn", "a session's agent is started again", { sessionId, cause });
    try {
      await buffer.flush();
      await this.#data.mutation(api.sessionAgent.lost, { ...lease, cause });
    } catch (error) {
      if (!isLeaseLost(error))
        log("warn", "a lost agent was not noted", { sessionId, error: messageOf(error) });
    }
    end();
  }

  /** The agent or its sandbox cannot be reached. */
  async lost(cause: unknown): Promise<void> {
    if (cause instanceof AgentLost) return await this.agentLost(cause.kind);
    await failSession(this.#options.lease, cause, this.#data);
    this.#options.end();
  }

  /** The agent acted without its decision: it is ended at once, and started again by the next to work on the session. */
  violated(): void {
    const { lease, end, endAgent } = this.#options;
    const { sessionId } = lease;
    log("warn", "a session's agent acted without its decision, and is ended", { sessionId });
    end();
    this.#ending = endAgent().catch((error: unknown) =>
      log("warn", "an agent could not be ended yet", { sessionId, error: messageOf(error) }),
    );
  }

  /** Waits until nothing goes on here that would meet the next agent. */
  async settle(): Promise<void> {
    await this.#ending;
  }

  /** A command, or what follows one, failed: it is tried again, unless another server has the session. */
  commandFailed(error: unknown): void {
    const { lease, end, sendAgain } = this.#options;
    if (isLeaseLost(error)) return end();
    log("warn", "a command could not be sent", { sessionId: lease.sessionId, error: messageOf(error) });
    sendAgain();
  }

  /** The agent does not hear a stop: the run ends without it, and its processes are ended. */
  async cancelIgnored(runId: Id<"runs">): Promise<void> {
    const { lease, buffer } = this.#options;
    try {
      await buffer.flush();
      await this.#data.mutation(api.sessionAgent.unheard, { ...lease, runId });
    } catch (error) {
      this.commandFailed(error);
    }
  }
}
