import type { FunctionReturnType } from "convex/server";
import type { api } from "#convex/_generated/api.js";
import { log, messageOf } from "../log.ts";
import { deliverNotification } from "../notifications/deliver.ts";

export type DueDelivery = FunctionReturnType<typeof api.due.notifications>["items"][number];
type DeliveryId = DueDelivery["deliveryId"];

/** Deliveries that one server makes at the same time. */
const AT_ONCE = 16;
/** Of those, of one organization: to receivers that its people have named, which may be slow, and to the mail server. */
const OF_ONE = { receivers: 4, mail: 2 };
type Lane = { of: keyof typeof OF_ONE; key: string };
/** Deliveries of one lane that wait here for room; the next sweep finds the others again. */
const WAITING_OF_ONE = 50;

function laneOf({ organizationId, channel }: DueDelivery): Lane {
  const of = channel === "email" ? "mail" : "receivers";
  return { of, key: `${of} ${organizationId}` };
}

/**
 * Sends what people are told out of Studio, in the background: what a receiver takes its time for holds up no sweep.
 * Organizations take turns, so that a few of them with slow receivers don't take every place again and again; an
 * organization's slow receivers don't hold up its e-mail.
 */
export class Notifier {
  readonly #signal: AbortSignal;
  readonly #deliver: (deliveryId: DeliveryId) => Promise<void>;
  readonly #working = new Map<DeliveryId, { lane: string; done: Promise<void> }>();
  /** By lane; the one whose turn was the longest ago is first. */
  readonly #waiting = new Map<string, Lane & { ids: Set<DeliveryId> }>();

  constructor(signal: AbortSignal, deliver = async (id: DeliveryId) => await deliverNotification(id)) {
    this.#signal = signal;
    this.#deliver = deliver;
  }

  /** Makes a delivery's next attempt, once there is room and it is its lane's turn. */
  start(delivery: DueDelivery): void {
    if (this.#signal.aborted || this.#working.has(delivery.deliveryId)) return;
    const lane = laneOf(delivery);
    const waiting = this.#waiting.get(lane.key) ?? { ...lane, ids: new Set() };
    if (waiting.ids.size >= WAITING_OF_ONE) return;
    waiting.ids.add(delivery.deliveryId);
    this.#waiting.set(lane.key, waiting);
    this.#fill();
  }

  #fill(): void {
    while (!this.#signal.aborted && this.#working.size < AT_ONCE) {
      const lane = [...this.#waiting.values()].find(({ of, key }) => this.#workingOf(key) < OF_ONE[of]);
      if (!lane) return;
      const [deliveryId] = lane.ids;
      this.#waiting.delete(lane.key);
      if (deliveryId === undefined) continue;
      lane.ids.delete(deliveryId);
      if (lane.ids.size > 0) this.#waiting.set(lane.key, lane);
      this.#begin(deliveryId, lane.key);
    }
  }

  #workingOf(lane: string): number {
    let count = 0;
    for (const one of this.#working.values()) if (one.lane === lane) count += 1;
    return count;
  }

  #begin(deliveryId: DeliveryId, lane: string): void {
    const done = this.#deliver(deliveryId)
      .catch((error: unknown) =>
        log("warn", "a notification was not delivered", { deliveryId, error: messageOf(error) }),
      )
      .finally(() => {
        this.#working.delete(deliveryId);
        this.#fill();
      });
    this.#working.set(deliveryId, { lane, done });
  }

  /** Settles once none is under way. What waits is left to whichever server looks next, once this one stops. */
  async ended(): Promise<void> {
    while (this.#working.size > 0)
      await Promise.all([...this.#working.values()].map(async ({ done }) => await done));
  }
}
