/** This folder carries sessions: one lease each, under which commands go to the agent and its words to the log. */

import { randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { api } from "#convex/_generated/api.js";
import type { Doc, Id } from "#convex/_generated/dataModel.js";
import { isLive } from "#domain/lifecycle.ts";
import { removeStored } from "../checkpoints/save.ts";
import { serviceData } from "../convex/client.ts";
import { follow } from "../convex/live.ts";
import { isLeaseLost } from "../convex/refusal.ts";
import { metrics } from "../telemetry/telemetry.ts";
import { log, messageOf } from "../log.ts";
import { provision } from "../sandbox-start/provision.ts";
import { goesOn } from "../sandbox-start/restore-work.ts";
import { removeOldSnapshot } from "../sandbox-start/setup-build.ts";
import { countSandbox, endSandbox } from "../sandbox/end.ts";
import { tellTerms } from "../sandbox/terms.ts";
import { singleton } from "../singleton.ts";
import { projectWatch } from "../changes/watch.ts";
import { GreenKeeper } from "./green-keeper.ts";
import { type Lease, runUnderLease } from "./lease.ts";
import { applyPolicy, RefusalWatch } from "./network-watch.ts";
import { endOrphans } from "./orphans.ts";
import { rewindRestored } from "./rewind.ts";
import { SessionRelay } from "./session-relay.ts";
import { Saver } from "./saver.ts";
import { SetupBuilder } from "./setup-builder.ts";
import { Sweep } from "./sweep.ts";
import { Notifier } from "./notifier.ts";
import { WarmPool } from "./warm-pool.ts";
import { lookAgain } from "../mcp/look-again.ts";
import { settleCheckout } from "../billing/payments.ts";
import { topUp } from "../billing/top-up.ts";
import { deliver } from "../webhooks/deliver.ts";

type SessionId = Id<"sandboxSessions">;

const SWEEP_MS = 5_000;
/** How long sessions may take to be handed over: within what a container has to end, half a minute. */
const STOP_MS = 25_000;
/** How often sandboxes are looked for that no session has. */
const ORPHANS_MS = 60_000;
/** How often it is asked what sandboxes were refused. */
const REFUSALS_MS = 2_000;

/** A run is at work, the session is to go back, or the agent is to be started again. */
function hasWork({ status, agentRestart, rewindId }: Doc<"sandboxSessions">): boolean {
  const hasOrder = agentRestart !== undefined || rewindId !== undefined;
  // One that is still being made carries its order out on the way.
  return status === "active" || (hasOrder && isLive(status) && status !== "provisioning");
}

/** All that this process does for sessions: it starts them, carries them, takes over what others left, and ends what is over. */
export class Engine {
  readonly #holder = randomUUID();
  readonly #working = new Map<SessionId, { relay?: SessionRelay; done: Promise<void> }>();
  readonly #stopping = new AbortController();
  #unfollow: (() => void) | undefined;
  #sweeper: NodeJS.Timeout | undefined;
  #orphansAt = -ORPHANS_MS;
  #sweeping = false;
  #hasToldTerms = false;
  #refusalTimer: NodeJS.Timeout | undefined;
  #looking = false;
  /** True while it is not told what sandboxes were refused: that is logged once, not with every look. */
  #untold = false;
  readonly #refusals = new RefusalWatch();
  readonly #setups = new SetupBuilder(this.#stopping.signal);
  readonly #notifier = new Notifier(this.#stopping.signal);
  readonly #green = new GreenKeeper(this.#stopping.signal, (sessionId) => this.wake(sessionId));
  /** Sessions that are being created here. */
  #creating = 0;
  /** Whether this process did the last sweep, and so keeps agents warm. */
  #sweeps = false;
  readonly #warm = new WarmPool(() => this.#creating > 0);
  readonly #saver = new Saver(() => void this.#sweep());
  readonly #looks = new Sweep(this.#holder, {
    mayStop: (sessionId, deadlineAt, cause) =>
      this.#saver.mayStop(sessionId, { deadlineAt, cause }, Date.now()),
    save: (sessionId, cause) => this.#saver.start(sessionId, cause),
    removeStored: async (checkpointId, storedAs) => await removeStored(checkpointId, storedAs),
    expired: (sessionId) => this.wake(sessionId),
    takeOver: async (sessionId) => await this.#takeOver(sessionId),
    applyPolicy,
    cleanUp: endSandbox,
    buildSetup: (scriptId) => this.#setups.start(scriptId),
    removeSnapshot: removeOldSnapshot,
    bringToGreen: (pursuitId) => this.#green.start(pursuitId),
    deliver,
    tell: (delivery) => this.#notifier.start(delivery),
    settleCheckout,
    topUp,
    countSandbox,
    lookAgain: (serverId) =>
      void lookAgain(serverId).catch((error: unknown) =>
        log("warn", "an MCP server could not be looked at", { serverId, error: messageOf(error) }),
      ),
  });

  /**
   * Starts the sweep, which takes over what other servers left.
   * @param options `followWaiting`: takes up sessions as they wait, since nobody in this process says so
   */
  start({ followWaiting = false } = {}): void {
    metrics().sessions(() => this.working);
    metrics().sweepDue(() => this.#looks.due());
    this.#sweeper ??= setInterval(() => void this.#sweep(), SWEEP_MS);
    this.#sweeper.unref();
    void this.#sweep();
    this.#refusalTimer ??= setInterval(() => void this.#lookForRefusals(), REFUSALS_MS);
    this.#refusalTimer.unref();
    if (followWaiting) this.#unfollow ??= follow(api.sessionLeases.waiting, {}, (ids) => this.#takeUp(ids));
  }

  /** How many sessions this process works on. */
  get working(): number {
    return this.#working.size;
  }

  /** Hands every session over and ends; what can't be handed over within half a minute is left to who comes next. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    clearInterval(this.#sweeper);
    clearInterval(this.#refusalTimer);
    this.#unfollow?.();
    for (const { relay } of this.#working.values()) relay?.stop();
    const released = this.#looks
      .release()
      .catch((error: unknown) =>
        log("info", "the sweep's lease was not given back", { error: messageOf(error) }),
      );
    const ended = Promise.allSettled([
      released,
      this.#setups.ended(),
      this.#green.ended(),
      this.#notifier.ended(),
      this.#saver.ended(),
      projectWatch().ended(),
      ...[...this.#working.values()].map(async ({ done }) => await done),
    ]).then(() => true);
    // With the database gone some of it may wait for ever; who comes next takes up what is left.
    const isWhole = await Promise.race([ended, sleep(STOP_MS, false, { ref: false })]);
    if (!isWhole) log("warn", "not everything could be handed over", { sessions: this.working });
  }

  /** Starts a new session's sandbox and agent, in the background. */
  provision(sessionId: SessionId): void {
    this.#start(sessionId, async (lease) => await this.#provision(lease));
  }

  /** Carries a session that has something to do, if nobody does yet. */
  wake(sessionId: SessionId): void {
    this.#start(sessionId, async (lease) => {
      // The lease may have come after this process was told to stop.
      if (this.#stopping.signal.aborted) return;
      const relay = new SessionRelay(lease);
      const work = this.#working.get(sessionId);
      if (work) work.relay = relay;
      await relay.work();
    });
  }

  /** Works on a session in the background, if this process does not yet, and nobody else holds its lease. */
  #start(sessionId: SessionId, work: (lease: Lease) => Promise<void>): void {
    if (this.#stopping.signal.aborted || this.#working.has(sessionId)) return;
    const entry: { relay?: SessionRelay; done: Promise<void> } = { done: Promise.resolve() };
    this.#working.set(sessionId, entry);
    entry.done = runUnderLease(sessionId, this.#holder, work)
      .catch((error: unknown) =>
        log("error", "work on a session failed", { sessionId, error: messageOf(error) }),
      )
      .finally(() => this.#working.delete(sessionId))
      .then(async () => await this.#again(sessionId));
  }

  /** A message may have come, or the session may be over: nobody else would see it before the sweep. */
  async #again(sessionId: SessionId): Promise<void> {
    if (this.#stopping.signal.aborted) return;
    try {
      const { session, stream } = await serviceData().query(api.sandboxSessions.forServer, { sessionId });
      if (hasWork(session) && stream.holder === null) this.wake(sessionId);
      // Nobody waits for it: the next message may be at work meanwhile.
      if (session.status === "idle") this.#saver.start(sessionId, "turn");
      // A new one has what was just pulled.
      const isNew = session.status === "ready" && !goesOn(session);
      if (isLive(session.status) && !isNew) projectWatch().afterTurn(sessionId);
      if (session.cleanupPending && session.sandboxId) await endSandbox(sessionId, session.sandboxId);
    } catch (error) {
      log("warn", "a session could not be looked at again", { sessionId, error: messageOf(error) });
    }
  }

  async #provision({ sessionId, generation }: Lease): Promise<void> {
    if (this.#stopping.signal.aborted) return;
    const started = Date.now();
    this.#creating += 1;
    try {
      await provision(sessionId, generation, this.#stopping.signal, {
        onPrepared: () => this.#saver.start(sessionId, "start"),
        goBack: async (sandbox, checkpointId) =>
          await rewindRestored({ sessionId, generation }, { sandbox, checkpointId }),
      });
      log("info", "a session is started", { sessionId, durationMs: Date.now() - started });
    } catch (error) {
      log("warn", "a session could not be started", { sessionId, error: messageOf(error) });
      // Another server makes it now, or will, since this one ends in the middle of it.
      if (isLeaseLost(error) || this.#stopping.signal.aborted) return;
      await serviceData().mutation(api.sandboxSessions.fail, {
        sessionId,
        generation,
        error: messageOf(error),
        errorKind: "provisioning",
      });
    } finally {
      this.#creating -= 1;
      // One that was warm may be missing now; where another process keeps them, its next sweep sees that.
      if (this.#sweeps) void this.#warm.look(this.#stopping.signal);
    }
  }

  async #sweep(): Promise<void> {
    if (this.#stopping.signal.aborted || this.#sweeping) return;
    this.#sweeping = true;
    try {
      if (!this.#hasToldTerms) await tellTerms();
      this.#hasToldTerms = true;
      const isOurs = await this.#looks.round(this.#stopping.signal);
      if (isOurs && performance.now() - this.#orphansAt >= ORPHANS_MS) {
        this.#orphansAt = performance.now();
        await endOrphans();
        await this.#warm.check();
      }
      this.#sweeps = isOurs;
      if (isOurs) void this.#warm.look(this.#stopping.signal);
    } catch (error) {
      log("warn", "the sweep did not finish", { error: messageOf(error) });
    } finally {
      this.#sweeping = false;
    }
  }

  /** Brings changed network policies to live sandboxes now, and not only with the next sweep. */
  networkChanged(): void {
    void this.#sweep();
  }

  /** Begins builds of snapshots that are due, and removes those that nobody wants, without waiting for the next sweep. */
  setupChanged(): void {
    void this.#sweep();
  }

  /** Looks at pull requests that are to become green, without waiting for the next sweep. */
  greenChanged(): void {
    void this.#sweep();
  }

  async #lookForRefusals(): Promise<void> {
    if (this.#looking || this.#stopping.signal.aborted) return;
    this.#looking = true;
    try {
      await this.#refusals.look();
      this.#untold = false;
    } catch (error) {
      if (!this.#untold) log("info", "what sandboxes were refused is not known", { error: messageOf(error) });
      this.#untold = true;
    } finally {
      this.#looking = false;
    }
  }

  #takeUp(sessionIds: readonly SessionId[]): void {
    for (const sessionId of sessionIds)
      this.#takeOver(sessionId).catch((error: unknown) =>
        log("warn", "a session could not be taken up yet", { sessionId, error: messageOf(error) }),
      );
  }

  /** Nobody holds a session that has work: a run is carried on; a creation that its server left half-done begins again. */
  async #takeOver(sessionId: SessionId): Promise<void> {
    if (this.#stopping.signal.aborted || this.#working.has(sessionId)) return;
    const { session } = await serviceData().query(api.sandboxSessions.forServer, { sessionId });
    if (hasWork(session)) return this.wake(sessionId);
    if (session.status === "provisioning") this.provision(sessionId);
  }
}

/** This process's engine, started at first use. */
export function engine(): Engine {
  return singleton("engine", () => {
    const made = new Engine();
    made.start();
    return made;
  });
}
