import type { Id } from "#convex/_generated/dataModel.js";
import { log, messageOf } from "../log.ts";
import { deliverNotification } from "../notifications/deliver.ts";

type DeliveryId = Id<"notificationDeliveries">;

/** Deliveries that one server makes at the same time, and those of one organization, whose receivers may be slow. */
const AT_ONCE = 16;
const OF_ONE = 4;

/** Sends what people are told out of Studio, in the background: what a receiver takes its time for holds up no sweep. */
export class Notifier {
  readonly #signal: AbortSignal;
  readonly #deliver: (deliveryId: DeliveryId) => Promise<void>;
  readonly #working = new Map<DeliveryId, { organizationId: string; done: Promise<void> }>();

  constructor(signal: AbortSignal, deliver = async (id: DeliveryId) => await deliverNotification(id)) {
    this.#signal = signal;
    this.#deliver = deliver;
  }

  /** Makes a delivery's next attempt, unless this server is at it, or at enough of them: the next sweep finds it again. */
  start(deliveryId: DeliveryId, organizationId: string): void {
    if (this.#signal.aborted || this.#working.has(deliveryId) || this.#working.size >= AT_ONCE) return;
    const ofIt = [...this.#working.values()].filter((one) => one.organizationId === organizationId);
    if (ofIt.length >= OF_ONE) return;
    const done = this.#deliver(deliveryId)
      .catch((error: unknown) =>
        log("warn", "a notification was not delivered", { deliveryId, error: messageOf(error) }),
      )
      .finally(() => this.#working.delete(deliveryId));
    this.#working.set(deliveryId, { organizationId, done });
  }

  /** Settles once none is under way. */
  async ended(): Promise<void> {
    await Promise.all([...this.#working.values()].map(async ({ done }) => await done));
  }
}
