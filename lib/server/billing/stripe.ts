import { Stripe } from "stripe";
import { env } from "../env.ts";
import { refuse } from "../http/refuse.ts";
import { log } from "../log.ts";
import { singleton } from "../singleton.ts";

/** How long a request to Stripe may take, and how often it is made again where no answer came. */
const TIMEOUT_MS = 20_000;
const RETRIES = 2;

/** Whether credits can be bought here. */
export const canBuy = (): boolean => env().STRIPE_SECRET_KEY !== undefined;

function make(): Stripe {
  const { STRIPE_SECRET_KEY: key, STRIPE_API_URL: at } = env();
  if (key === undefined) throw refuse("billing_off");
  const url = at === undefined ? undefined : new URL(at);
  return new Stripe(key, {
    timeout: TIMEOUT_MS,
    maxNetworkRetries: RETRIES,
    telemetry: false,
    appInfo: { name: "Studio" },
    ...(url && {
      host: url.hostname,
      protocol: url.protocol === "http:" ? "http" : "https",
      ...(url.port !== "" && { port: url.port }),
    }),
  });
}

/** Stripe's client. @throws HttpError not_ready where the operator has set no key */
export const stripe = (): Stripe => singleton("stripe", make);

/**
 * Which of Stripe's errors one is, such as `StripeCardError`; undefined for any other. By its name: the bundler has the
 * client's module more than once, and an error of one of them is no instance of another's class.
 */
export function stripeFault(error: unknown): Stripe.errors.StripeError | undefined {
  const { type } = (error ?? {}) as { type?: unknown };
  return typeof type === "string" && /^Stripe\w*Error$/.test(type)
    ? (error as Stripe.errors.StripeError)
    : undefined;
}

/**
 * A request to Stripe, its failure as a problem.
 * @throws HttpError upstream_failed: what Stripe has said of an amount or a card is told, anything of the key is not
 */
export async function asked<T>(ask: (client: Stripe) => Promise<T>): Promise<T> {
  const client = stripe();
  try {
    return await ask(client);
  } catch (error) {
    const fault = stripeFault(error);
    if (!fault) throw error;
    if (fault.type === "StripeInvalidRequestError" || fault.type === "StripeCardError")
      throw refuse("payments_refused", { fault: fault.message });
    // What it says may be of the operator's key: people aren't told, the log is.
    log("error", "a request to Stripe failed", { kind: fault.type, error: fault.message });
    throw refuse("payments_unreachable");
  }
}
