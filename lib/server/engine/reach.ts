import { api } from "../../../convex/_generated/api.js";
import type { Id } from "../../../convex/_generated/dataModel.js";
import { AgentServerError } from "../acp/bridge.ts";
import type { AcpClient } from "../acp/client.ts";
import { serviceData } from "../convex/client.ts";
import { isUnreachable, persistently } from "../convex/retry.ts";
import { log, messageOf } from "../log.ts";
import { connectSandbox, type SandboxRef, sandboxRuns } from "../sandbox/sandbox.ts";
import { AgentLost, SandboxGone } from "./endings.ts";

/** How long the agent's stream may be out of reach before the sandbox counts as lost. */
const LOST_AFTER_MS = 30_000;
/** How long the agent's server may not answer, in a sandbox that runs, before it counts as ended. */
const AGENT_GONE_AFTER_MS = 3_000;
const PROBE_MS = 2_000;
const PROBE_AGAIN_MS = 500;

/** Finds out why the stream has been broken for so long. @throws SandboxGone | AgentLost */
export async function lookAround(client: AcpClient, sandboxId: string, brokenForMs: number): Promise<void> {
  const runs = await sandboxRuns(sandboxId);
  if (runs === false || brokenForMs > LOST_AFTER_MS) throw new SandboxGone();
  if (runs && brokenForMs > AGENT_GONE_AFTER_MS && (await client.state(PROBE_MS)) === "ended")
    throw new AgentLost("agent_exited");
}

/** Why a message was not taken: SandboxGone, AgentLost, or the error itself where the agent is there all the same. */
export async function causeOf(error: unknown, client: AcpClient, sandboxId: string): Promise<unknown> {
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

/** A connection that is broken for longer is shown. */
const SHOWN_AFTER_MS = 2_000;

/** Keeps since when a sandbox cannot be reached, and has its session show that: once for each change. */
export class Reach {
  readonly #sessionId: Id<"sandboxSessions">;
  readonly #generation: number;
  #brokenSince: number | null = null;
  #shown = false;
  #noted: Promise<void> = Promise.resolve();

  constructor(sessionId: Id<"sandboxSessions">, generation: number) {
    this.#sessionId = sessionId;
    this.#generation = generation;
  }

  /**
   * Finds the sandbox, and its clock begins anew; again where its host does not answer, at most half a minute.
   * @throws SandboxNotFoundError where it is gone
   */
  async connect(sandboxId: string, timeoutMs: number, signal: AbortSignal): Promise<SandboxRef> {
    for (;;)
      try {
        const ref = await connectSandbox(sandboxId, timeoutMs);
        this.opened();
        return ref;
      } catch (error) {
        if (signal.aborted || !isUnreachable(error) || this.broken() > LOST_AFTER_MS) throw error;
        await new Promise((resolve) => setTimeout(resolve, PROBE_AGAIN_MS));
      }
  }

  /** It can be reached. */
  opened(): void {
    this.#brokenSince = null;
    this.#show(false);
  }

  /** It cannot be: answers for how many milliseconds. */
  broken(): number {
    this.#brokenSince ??= performance.now();
    const forMs = performance.now() - this.#brokenSince;
    if (forMs > SHOWN_AFTER_MS) this.#show(true);
    return forMs;
  }

  #show(broken: boolean): void {
    if (this.#shown === broken) return;
    this.#shown = broken;
    const sessionId = this.#sessionId;
    const args = { sessionId, generation: this.#generation, broken };
    // In order, and not lost where the database is out of reach at the same time.
    this.#noted = this.#noted.then(
      async () =>
        await persistently(
          "reach",
          LOST_AFTER_MS,
          async () => void (await serviceData().mutation(api.sessionAgent.reach, args)),
        ).catch((error: unknown) =>
          log("info", "a broken connection was not noted", { sessionId, error: messageOf(error) }),
        ),
    );
  }
}
