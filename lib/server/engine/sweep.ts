import type { FunctionReturnType } from "convex/server";
import { api } from "#convex/_generated/api.js";
import type { Id } from "#convex/_generated/dataModel.js";
import type { CheckpointCause } from "#domain/checkpoints.ts";
import type { DueDelivery } from "./notifier.ts";
import { type Data, serviceData } from "../convex/client.ts";
import { log, messageOf } from "../log.ts";
import { metrics } from "../telemetry/telemetry.ts";

type SessionId = Id<"sandboxSessions">;
type Place = NonNullable<FunctionReturnType<typeof api.due.late>["next"]>;
interface Page<T, At> {
  items: T[];
  next: At | null;
}

/** How many are worked on at a time, so that one that hangs holds up few others. */
const AT_ONCE = 8;
/** Pages of one kind in one round; the next round goes on behind them. */
const PAGES = 5;

/** Items of several owners, taken in turns: an organization with thousands waits behind one with a few. */
export function inTurns<T extends { organizationId: string }>(items: readonly T[]): T[] {
  const queues = new Map<string, T[]>();
  for (const item of items) {
    const queue = queues.get(item.organizationId);
    if (queue) queue.push(item);
    else queues.set(item.organizationId, [item]);
  }
  const turns: T[] = [];
  for (let turn = 0; turns.length < items.length; turn += 1)
    for (const queue of queues.values()) {
      const item = queue[turn];
      if (item !== undefined) turns.push(item);
    }
  return turns;
}

/** One kind of work that falls due. `At`: where its walk stands. */
class Chore<T extends { organizationId: string }, At extends Place | string = Place> {
  readonly what: string;
  /** How many things were due when it last looked, as far as it looked. */
  due = 0;
  readonly #read: (after: At | undefined) => Promise<Page<T, At>>;
  readonly #work: (item: T) => Promise<void>;
  /** Where the last round stopped: what fails again and again at the front must not hide what is behind it. */
  #after: At | undefined;

  constructor(
    what: string,
    read: (after: At | undefined) => Promise<Page<T, At>>,
    work: (item: T) => Promise<void>,
  ) {
    this.what = what;
    this.#read = read;
    this.#work = work;
  }

  /** Does what is due, in turns between organizations. One item that fails is logged, and comes again. */
  async round(signal: AbortSignal): Promise<void> {
    const due: T[] = [];
    for (let page = 0; page < PAGES; page += 1) {
      const { items, next } = await this.#read(this.#after);
      due.push(...items);
      this.#after = next ?? undefined;
      if (next === null) break;
    }
    this.due = due.length;
    const queue = inTurns(due);
    const worker = async () => {
      for (let item = queue.shift(); item !== undefined && !signal.aborted; item = queue.shift())
        try {
          await this.#work(item);
        } catch (error) {
          metrics().sweepFailure(this.what);
          log("warn", "the sweep could not do one thing", { what: this.what, error: messageOf(error) });
        }
    };
    await Promise.all(Array.from({ length: AT_ONCE }, worker));
  }
}

/** What the sweep does with what it finds. */
export interface SweepWork {
  /** Whether a session that is idle, or to be parked, may be stopped: its work is saved first. */
  mayStop(sessionId: SessionId, deadlineAt: number, cause: "idle" | "stop"): boolean;
  /** Begins to save a session, in the background. */
  save(sessionId: SessionId, cause: CheckpointCause): void;
  removeStored(checkpointId: Id<"checkpoints">, storedAs: string): Promise<void>;
  /** The session's state is past its deadline, and was ended. */
  expired(sessionId: SessionId): void;
  takeOver(sessionId: SessionId): Promise<void>;
  applyPolicy(policyId: Id<"networkPolicies">): Promise<void>;
  cleanUp(sessionId: SessionId, sandboxId: string | null): Promise<void>;
  /** Begins a build, in the background. */
  buildSetup(scriptId: Id<"setupScripts">): void;
  /** Does the next step of it, in the background. */
  bringToGreen(pursuitId: Id<"greenPursuits">): void;
  /** Looks in the background at an MCP server that is on, whether it still offers what was approved. */
  lookAgain(serverId: Id<"mcpServers">): void;
  /** Tells a webhook of the end of its run. */
  deliver(webhookId: Id<"runWebhooks">): Promise<void>;
  /** Sends a notification out of Studio, in the background. */
  tell(delivery: DueDelivery): void;
  /** Asks Stripe whether a checkout has been paid. */
  settleCheckout(checkoutId: string): Promise<unknown>;
  /** Buys credits for an organization whose plan says so. */
  topUp(planId: Id<"topUpPlans">): Promise<void>;
  removeSnapshot(buildId: Id<"setupBuilds">, snapshotId: string | null): Promise<void>;
  /** Counts how long a sandbox has run. */
  countSandbox(sandboxId: string): Promise<void>;
}

type Round = Pick<Chore<{ organizationId: string }>, "round" | "what" | "due">;

/**
 * Looks for what nobody else would do: states past their deadline, lapsed leases and holds, sandboxes to end. Of several
 * servers one does it, which holds the sweep's lease; sessions are taken over by all of them, each under its own lease.
 */
export class Sweep {
  readonly #holder: string;
  readonly #data: () => Data;
  readonly #ofEach: Round;
  readonly #ofOne: readonly Round[];
  /** Whether the last round was this process's to do. */
  #isOurs = false;

  /** @param holder names this process */
  constructor(holder: string, work: SweepWork, data: () => Data = serviceData) {
    this.#holder = holder;
    this.#data = data;
    const from = <At>(after: At | undefined) => (after === undefined ? {} : { after });
    this.#ofEach = new Chore(
      "take over",
      async (after) => await data().query(api.due.lapsed, { now: Date.now(), ...from(after) }),
      async ({ sessionId }) => await work.takeOver(sessionId),
    );
    this.#ofOne = [
      new Chore(
        "expire",
        async (after) => await data().query(api.due.late, { now: Date.now(), ...from(after) }),
        async ({ sessionId, deadlineAt, isIdle, isParking }) => {
          const cause = isParking ? "stop" : isIdle ? "idle" : null;
          if (cause && !work.mayStop(sessionId, deadlineAt, cause)) return;
          await data().mutation(api.sandboxSessions.expire, { sessionId });
          work.expired(sessionId);
        },
      ),
      new Chore(
        "release",
        async (after) => await data().query(api.due.holds, { now: Date.now(), ...from(after) }),
        async ({ requestId }) => {
          await data().mutation(api.usage.release, { requestId });
        },
      ),
      new Chore(
        "network policy",
        async (after) => await data().query(api.due.networks, from(after)),
        async ({ policyId }) => await work.applyPolicy(policyId),
      ),
      new Chore(
        "set-up",
        async (after) => await data().query(api.due.setups, { now: Date.now(), ...from(after) }),
        async ({ scriptId }) => work.buildSetup(scriptId),
      ),
      new Chore(
        "to green",
        async (after) => await data().query(api.due.green, { now: Date.now(), ...from(after) }),
        async ({ pursuitId }) => work.bringToGreen(pursuitId),
      ),
      new Chore(
        "save",
        async (after) => await data().query(api.due.saves, { now: Date.now(), ...from(after) }),
        async ({ sessionId, cause }) => work.save(sessionId, cause),
      ),
      new Chore(
        "remove checkpoints",
        async (after) => await data().query(api.due.stored, { now: Date.now(), ...from(after) }),
        async ({ checkpointId, storedAs }) => await work.removeStored(checkpointId, storedAs),
      ),
      new Chore(
        "deliver webhooks",
        async (after) => await data().query(api.due.webhooks, { now: Date.now(), ...from(after) }),
        async ({ webhookId }) => await work.deliver(webhookId),
      ),
      new Chore<DueDelivery, Id<"organizations">>(
        "deliver notifications",
        async (after) => await data().query(api.due.notifications, { now: Date.now(), ...from(after) }),
        async (delivery) => work.tell(delivery),
      ),
      new Chore(
        "look at checkouts",
        async (after) => await data().query(api.due.checkouts, { now: Date.now(), ...from(after) }),
        async ({ checkoutId }) => void (await work.settleCheckout(checkoutId)),
      ),
      new Chore(
        "top up",
        async (after) => await data().query(api.due.topUps, { now: Date.now(), ...from(after) }),
        async ({ planId }) => await work.topUp(planId),
      ),
      new Chore(
        "look at MCP servers",
        async (after) => await data().query(api.due.mcp, { now: Date.now(), ...from(after) }),
        async ({ serverId }) => work.lookAgain(serverId),
      ),
      // From here on last, since a sandbox host that is out of reach must hold nothing else up.
      new Chore(
        "clean up",
        async (after) => await data().query(api.due.cleanup, from(after)),
        async ({ sessionId, sandboxId }) => await work.cleanUp(sessionId, sandboxId),
      ),
      new Chore(
        "remove snapshots",
        async (after) => await data().query(api.due.snapshots, from(after)),
        async ({ buildId, snapshotId }) => await work.removeSnapshot(buildId, snapshotId),
      ),
      new Chore(
        "count sandboxes",
        async (after) => await data().query(api.due.meters, { now: Date.now(), ...from(after) }),
        async ({ sandboxId }) => await work.countSandbox(sandboxId),
      ),
    ];
  }

  /**
   * One round of everything. What cannot even be read does not keep the rest from being done.
   * @returns whether this process holds the sweep's lease, and so does what is due
   */
  async round(signal: AbortSignal): Promise<boolean> {
    const startedAt = performance.now();
    await this.#do(this.#ofEach, signal);
    this.#isOurs = !signal.aborted && (await this.#isMine());
    if (!this.#isOurs) return false;
    for (const chore of this.#ofOne) await this.#do(chore, signal);
    metrics().sweep(performance.now() - startedAt);
    return true;
  }

  /** How many things were due in the last round, by kind: of all where this process did it, else of its own. */
  due(): ReadonlyMap<string, number> {
    const chores = this.#isOurs ? [this.#ofEach, ...this.#ofOne] : [this.#ofEach];
    return new Map(chores.map(({ what, due }) => [what, due]));
  }

  /** Lets another server do what is due. */
  async release(): Promise<void> {
    await this.#data().mutation(api.sweepLease.release, { holder: this.#holder });
  }

  async #isMine(): Promise<boolean> {
    try {
      return await this.#data().mutation(api.sweepLease.claim, { holder: this.#holder });
    } catch (error) {
      log("warn", "the sweep could not be claimed", { error: messageOf(error) });
      return false;
    }
  }

  async #do(chore: Round, signal: AbortSignal): Promise<void> {
    if (signal.aborted) return;
    try {
      await chore.round(signal);
    } catch (error) {
      log("warn", "the sweep could not look", { error: messageOf(error) });
    }
  }
}
