import { createHmac } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { makeId, seconds } from "./book.ts";

/** When a message that wasn't taken is sent again, in milliseconds after the time before. */
const AGAIN_MS = [500, 2_000, 10_000, 60_000, 300_000];
const TIMEOUT_MS = 20_000;

/** How a message is signed: https://docs.stripe.com/webhooks#verify-manually. */
export function signature(body: string, secret: string, at = seconds()): string {
  return `t=${at},v1=${createHmac("sha256", secret).update(`${at}.${body}`).digest("hex")}`;
}

/** Sends messages of what has happened to the address that wants them, until they are taken. */
export class Messages {
  readonly url: string;
  readonly #secret: string;
  readonly #stopped = new AbortController();

  constructor(url: string, secret: string) {
    this.url = url;
    this.#secret = secret;
  }

  stop(): void {
    this.#stopped.abort();
  }

  /** Sends one; what it brings about is nothing that the caller waits for. */
  tell(type: string, object: object): void {
    const event = {
      id: makeId("evt"),
      object: "event",
      created: seconds(),
      data: { object },
      livemode: false,
      pending_webhooks: 1,
      request: { id: null, idempotency_key: null },
      type,
    };
    void this.#deliver(JSON.stringify(event)).catch(() => undefined);
  }

  async #deliver(body: string): Promise<void> {
    for (const waitMs of [0, ...AGAIN_MS]) {
      await sleep(waitMs, undefined, { signal: this.#stopped.signal });
      if (await this.#isTaken(body)) return;
    }
  }

  async #isTaken(body: string): Promise<boolean> {
    try {
      const response = await fetch(this.url, {
        method: "POST",
        headers: {
          "content-type": "application/json",
          "stripe-signature": signature(body, this.#secret),
          "user-agent": "Stripe stand-in",
        },
        body,
        signal: AbortSignal.any([this.#stopped.signal, AbortSignal.timeout(TIMEOUT_MS)]),
      });
      await response.body?.cancel();
      return response.ok;
    } catch {
      return false;
    }
  }
}
