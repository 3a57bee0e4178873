import { api } from "#convex/_generated/api.js";
import { serviceData } from "../convex/client.ts";
import { log, messageOf } from "../log.ts";
import { limitsNow } from "../sandbox/limits.ts";
import { warmKind } from "../sandbox-start/capacity.ts";
import { startWarmAgent } from "../sandbox-start/warm-agent.ts";
import { prepareWorkspace } from "../sandbox-start/workspace-start.ts";
import { createSandbox, killSandbox, listSandboxes, NO_NETWORK } from "../sandbox/sandbox.ts";

/** How long one may wait for a session; its sandbox lives somewhat longer. */
const LIFE_MS = 30 * 60_000;
const GRACE_MS = 5 * 60_000;
/** After one that did not start: doubled each time. */
const FIRST_PAUSE_MS = 5_000;
const LONGEST_PAUSE_MS = 5 * 60_000;
const MAX_LISTED = 200;

/**
 * Keeps a few sandboxes whose agents have been started before anybody asks. Nothing in them is anybody's: no key, no
 * token, no file, and no way out. Which there are is decided in Convex, so that any server may do this, and one that
 * dies in the middle leaves nothing that is not seen.
 */
export class WarmPool {
  readonly #isBusy: () => boolean;
  #looking: Promise<void> | undefined;
  #pauseMs = 0;
  #pausedUntil = 0;

  /** @param isBusy whether this process creates a session now, which one more start would hold up */
  constructor(isBusy: () => boolean) {
    this.#isBusy = isBusy;
  }

  /** Does what is due: ends those that are not wanted, and starts those that are missing, one at a time. */
  async look(signal: AbortSignal): Promise<void> {
    try {
      // One that is being started may have to give way meanwhile.
      if (this.#looking) return void (await this.#plan(false));
      this.#looking = this.#round(signal).finally(() => {
        this.#looking = undefined;
      });
      await this.#looking;
    } catch (error) {
      log("warn", "the warm sandboxes could not be looked after", { error: messageOf(error) });
    }
  }

  /** Ends those that are not wanted. @returns the one that is to be started, and whether any was ended */
  async #plan(mayStart: boolean): Promise<{ start: string | null; hasEnded: boolean }> {
    const { max, warm } = await limitsNow();
    const { start, end } = await serviceData().mutation(api.warmSandboxes.plan, {
      kind: warmKind(),
      wanted: warm,
      limit: max,
      mayStart,
    });
    for (const one of end) await this.#end(one.warmId, one.sandboxId);
    return { start, hasEnded: end.length > 0 };
  }

  async #round(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      const mayStart = !this.#isBusy() && performance.now() >= this.#pausedUntil;
      const { start, hasEnded } = await this.#plan(mayStart);
      if (start !== null) await this.#start(start);
      else if (!hasEnded || !mayStart) return;
    }
  }

  async #start(warmId: string): Promise<void> {
    const data = serviceData();
    let sandboxId: string | null = null;
    try {
      const { sandbox } = await createSandbox({
        envs: {},
        metadata: { warm: warmId },
        network: NO_NETWORK,
        timeoutMs: LIFE_MS + GRACE_MS,
      });
      ({ sandboxId } = sandbox);
      let wanted = await data.mutation(api.warmSandboxes.attach, { warmId, sandboxId });
      if (wanted) {
        const [bridge] = await Promise.all([startWarmAgent(sandbox), prepareWorkspace(sandbox)]);
        const until = Date.now() + LIFE_MS;
        wanted = await data.mutation(api.warmSandboxes.ready, { warmId, bridge, until });
      }
      if (!wanted) return await this.#end(warmId, sandboxId);
      this.#pauseMs = 0;
      log("info", "an agent is warm", { sandboxId });
    } catch (error) {
      // One that has given way was ended in the middle of its start.
      if (await data.mutation(api.warmSandboxes.discard, { warmId })) {
        this.#pauseMs = Math.min(Math.max(FIRST_PAUSE_MS, 2 * this.#pauseMs), LONGEST_PAUSE_MS);
        this.#pausedUntil = performance.now() + this.#pauseMs;
        log("warn", "no agent could be kept warm", { error: messageOf(error) });
      }
      await this.#end(warmId, sandboxId);
    }
  }

  async #end(warmId: string, sandboxId: string | null): Promise<void> {
    if (sandboxId !== null) await killSandbox(sandboxId);
    await serviceData().mutation(api.warmSandboxes.ended, { warmId });
  }

  /** Takes those out of the way whose sandbox has ended by itself, as with its host. */
  async check(): Promise<void> {
    const data = serviceData();
    const waiting = await data.query(api.warmSandboxes.waiting, {});
    if (waiting.length === 0) return;
    const listed = await listSandboxes(MAX_LISTED);
    if (listed.length >= MAX_LISTED) return;
    const there = new Set(listed.map(({ sandboxId }) => sandboxId));
    for (const { warmId, sandboxId } of waiting)
      if (!there.has(sandboxId)) await data.mutation(api.warmSandboxes.discard, { warmId });
  }
}
