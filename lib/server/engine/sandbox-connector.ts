import { api } from "../../../convex/_generated/api.js";
import { type Data, serviceData } from "../convex/client.ts";
import { persistently } from "../convex/retry.ts";
import { retry } from "../../net/retry.ts";
import { log, messageOf } from "../log.ts";
import { isSandboxUnreachable } from "../sandbox/unreachable.ts";
import { connectSandbox, type SandboxRef } from "../sandbox/sandbox.ts";
import { LOST_AFTER_MS, PROBE_AGAIN_MS } from "./diagnosis.ts";
import type { Lease } from "./lease.ts";

/** A connection that is broken for longer is shown. */
const SHOWN_AFTER_MS = 2_000;

interface Options {
  data?: Data;
  connect?: typeof connectSandbox;
}

/** Connects to a session's sandbox, and has the session show while it cannot be reached: once for each change. */
export class SandboxConnector {
  readonly #lease: Lease;
  readonly #data: Data;
  readonly #connect: typeof connectSandbox;
  #brokenSince: number | null = null;
  #shown = false;
  #noted: Promise<void> = Promise.resolve();

  constructor(lease: Lease, { data = serviceData(), connect = connectSandbox }: Options = {}) {
    this.#lease = lease;
    this.#data = data;
    this.#connect = connect;
  }

  /**
   * Finds the sandbox and restarts its clock. Tries again where its host does not answer, for at most half a minute.
   * @param shown whether the session shows it as out of reach already, from an earlier process
   * @throws SandboxNotFoundError where it is gone
   */
  async connect(
    sandboxId: string,
    timeoutMs: number,
    signal: AbortSignal,
    shown = false,
  ): Promise<SandboxRef> {
    this.#shown ||= shown;
    const ref = await retry(async () => await this.#connect(sandboxId, timeoutMs), {
      timeoutMs: LOST_AFTER_MS,
      pauseMs: PROBE_AGAIN_MS,
      signal,
      // Another connection of this session may have been broken before.
      isPassing: (error) => isSandboxUnreachable(error) && this.markBroken() <= LOST_AFTER_MS,
    });
    this.markReachable();
    return ref;
  }

  markReachable(): void {
    this.#brokenSince = null;
    this.#show(false);
  }

  /** @returns for how many milliseconds the sandbox has been out of reach */
  markBroken(): number {
    this.#brokenSince ??= performance.now();
    const forMs = performance.now() - this.#brokenSince;
    if (forMs > SHOWN_AFTER_MS) this.#show(true);
    return forMs;
  }

  #show(broken: boolean): void {
    if (this.#shown === broken) return;
    this.#shown = broken;
    const args = { ...this.#lease, broken };
    // In order, and not lost where the database is out of reach at the same time.
    this.#noted = this.#noted.then(
      async () =>
        await persistently(
          "reach",
          LOST_AFTER_MS,
          async () => void (await this.#data.mutation(api.sessionAgent.reach, args)),
        ).catch((error: unknown) =>
          log("info", "a broken connection was not noted", {
            sessionId: args.sessionId,
            error: messageOf(error),
          }),
        ),
    );
  }
}
