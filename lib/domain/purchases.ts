/** What can be bought at once, in cents of a US dollar. */
export const PURCHASE_CENTS = { min: 500, max: 500_000 } as const;
/** What a cent is in credits. */
const MICRO_USD_PER_CENT = 10_000;

export const creditsOfCents = (cents: number): number => cents * MICRO_USD_PER_CENT;

/** How a checkout stands: paid by a way that takes days, it is processing until the money is there. */
export const CHECKOUT_STATES = ["open", "processing", "paid", "expired"] as const;
export type CheckoutState = (typeof CHECKOUT_STATES)[number];

/** How a purchase stands. */
export const PURCHASE_STATES = ["paid", "returned", "partly_returned", "disputed"] as const;
export type PurchaseState = (typeof PURCHASE_STATES)[number];

/** A payment as Stripe says it is now. Cents are those of the card's charge, tax included. */
export interface Payment {
  /** The credits that were sold, without tax. */
  creditMicroUsd: number;
  chargedCents: number;
  returnedCents: number;
  /** What a bank has taken back, as long as the dispute is open or was lost. */
  disputedCents: number;
}

/** What a payment means for the ledger, each part with its sign: their sum is what it has brought. */
export interface PaymentParts {
  boughtMicroUsd: number;
  returnedMicroUsd: number;
  disputedMicroUsd: number;
}
export const NO_PARTS: PaymentParts = { boughtMicroUsd: 0, returnedMicroUsd: 0, disputedMicroUsd: 0 };

/**
 * What a payment has brought: never less than nothing, whatever was returned and disputed of it. Credits go back in the
 * proportion in which money does, so that tax changes nothing.
 */
export function partsOf({
  creditMicroUsd,
  chargedCents,
  returnedCents,
  disputedCents,
}: Payment): PaymentParts {
  if (chargedCents <= 0) return NO_PARTS;
  const returned = Math.min(returnedCents, chargedCents);
  const disputed = Math.min(disputedCents, chargedCents - returned);
  const share = (cents: number) => Math.round((creditMicroUsd * cents) / chargedCents);
  const returnedMicroUsd = share(returned);
  return {
    boughtMicroUsd: creditMicroUsd,
    returnedMicroUsd: -returnedMicroUsd || 0,
    // Of both together, so that two rounded parts are never more than the whole.
    disputedMicroUsd: -(share(returned + disputed) - returnedMicroUsd) || 0,
  };
}

/** How a payment stands, in a word. */
export function stateOf({ returnedMicroUsd, disputedMicroUsd, boughtMicroUsd }: PaymentParts): PurchaseState {
  if (disputedMicroUsd < 0) return "disputed";
  if (returnedMicroUsd === 0) return "paid";
  return -returnedMicroUsd >= boughtMicroUsd ? "returned" : "partly_returned";
}
