import type { Id } from "#convex/_generated/dataModel.js";
import { log, messageOf } from "../log.ts";
import { deliverNotification } from "../notifications/deliver.ts";

type DeliveryId = Id<"notificationDeliveries">;

/** Deliveries that one server makes at the same time, and those of one organization, whose receivers may be slow. */
const AT_ONCE = 16;
const OF_ONE = 4;
/** Deliveries of one organization that wait here for room; the next sweep finds the others again. */
const WAITING_OF_ONE = 50;

/**
 * Sends what people are told out of Studio, in the background: what a receiver takes its time for holds up no sweep.
 * Organizations take turns, so that a few of them with slow receivers don't take every place again and again.
 */
export class Notifier {
  readonly #signal: AbortSignal;
  readonly #deliver: (deliveryId: DeliveryId) => Promise<void>;
  readonly #working = new Map<DeliveryId, { organizationId: string; done: Promise<void> }>();
  /** By organization; the one whose turn was the longest ago is first. */
  readonly #waiting = new Map<string, Set<DeliveryId>>();

  constructor(signal: AbortSignal, deliver = async (id: DeliveryId) => await deliverNotification(id)) {
    this.#signal = signal;
    this.#deliver = deliver;
  }

  /** Makes a delivery's next attempt, once there is room and it is its organization's turn. */
  start(deliveryId: DeliveryId, organizationId: string): void {
    if (this.#signal.aborted || this.#working.has(deliveryId)) return;
    const waiting = this.#waiting.get(organizationId) ?? new Set();
    if (waiting.size >= WAITING_OF_ONE) return;
    this.#waiting.set(organizationId, waiting.add(deliveryId));
    this.#fill();
  }

  #fill(): void {
    while (!this.#signal.aborted && this.#working.size < AT_ONCE) {
      const turn = [...this.#waiting].find(([organizationId]) => this.#workingOf(organizationId) < OF_ONE);
      if (!turn) return;
      const [organizationId, waiting] = turn;
      const [deliveryId] = waiting;
      this.#waiting.delete(organizationId);
      if (deliveryId === undefined) continue;
      waiting.delete(deliveryId);
      if (waiting.size > 0) this.#waiting.set(organizationId, waiting);
      this.#begin(deliveryId, organizationId);
    }
  }

  #workingOf(organizationId: string): number {
    let count = 0;
    for (const one of this.#working.values()) if (one.organizationId === organizationId) count += 1;
    return count;
  }

  #begin(deliveryId: DeliveryId, organizationId: string): void {
    const done = this.#deliver(deliveryId)
      .catch((error: unknown) =>
        log("warn", "a notification was not delivered", { deliveryId, error: messageOf(error) }),
      )
      .finally(() => {
        this.#working.delete(deliveryId);
        this.#fill();
      });
    this.#working.set(deliveryId, { organizationId, done });
  }

  /** Settles once none is under way. What waits is left to whichever server looks next, once this one stops. */
  async ended(): Promise<void> {
    while (this.#working.size > 0)
      await Promise.all([...this.#working.values()].map(async ({ done }) => await done));
  }
}
