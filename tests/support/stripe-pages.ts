import { createHmac } from "node:crypto";

/** The stand-in's pages, as a person's browser would use them. */
export class StripePages {
  readonly #origin: string;

  constructor(origin: string) {
    this.#origin = origin;
  }

  /** Presses a button. @returns where it leads */
  async press(url: string, from = url): Promise<string | null> {
    const response = await fetch(url, {
      method: "POST",
      redirect: "manual",
      headers: { origin: this.#origin, referer: from },
    });
    await response.body?.cancel();
    if (response.status !== 303) throw new Error(`${url}: ${response.status}`);
    return response.headers.get("location");
  }

  /** The address of the first button of a page that does that. */
  async actOf(url: string, act: string): Promise<string> {
    const html = await (await fetch(url)).text();
    const [, action] = new RegExp(`action="([^"]+/${act})"`).exec(html) ?? [];
    if (action === undefined) throw new Error(`${url} has no button for ${act}.`);
    return `${this.#origin}${action}`;
  }
}

/** A message of Stripe, signed so many seconds ago: https://docs.stripe.com/webhooks#verify-manually. */
export function signedMessage(event: object, secret: string, agoS = 0): { body: string; signature: string } {
  const body = JSON.stringify({ object: "event", ...event });
  const at = Math.floor(Date.now() / 1_000) - agoS;
  const hmac = createHmac("sha256", secret).update(`${at}.${body}`).digest("hex");
  return { body, signature: `t=${at},v1=${hmac}` };
}
