/** Output that a model call must be able to make; with less it would stop in the middle of a sentence. */
export const MIN_OUTPUT_TOKENS = 1_024;

/** How long a hold lasts without being renewed by the server whose call it is. */
export const HOLD_MS = 30_000;

/** What a new organization starts with on one machine: $5. */
export const WELCOME_MICRO_USD = 5_000_000;

/** What there is to spend, in integer micro-USD; null where a limit does not apply. */
export interface Means {
  /** The organization's balance less what is held; null where its own key pays. */
  creditsMicroUsd: number | null;
  /** The session's cap less what it has spent and holds; null where it has none. */
  capMicroUsd: number | null;
}

/** What a model call may cost at most. */
export interface CallEstimate {
  /** The whole input at the full price. */
  inputMicroUsd: number;
  /** Price of a million tokens of output. */
  outputMicroUsdPerMillion: number;
  /** What the agent asked for, or the model's own limit. */
  maxOutputTokens: number;
}

export type Reservation =
  | { ok: true; amountMicroUsd: number; maxOutputTokens: number }
  | { ok: false; reason: "no_credit" | "session_cap" };

/** Cost of `tokens` at a price for a million, rounded up. */
export function priceOf(tokens: number, microUsdPerMillion: number): number {
  return Number((BigInt(tokens) * BigInt(microUsdPerMillion) + 999_999n) / 1_000_000n);
}

/** How many tokens `amount` buys, rounded down. */
function tokensFor(amountMicroUsd: number, microUsdPerMillion: number): number {
  if (microUsdPerMillion === 0) return Number.MAX_SAFE_INTEGER;
  return Number((BigInt(Math.max(0, amountMicroUsd)) * 1_000_000n) / BigInt(microUsdPerMillion));
}

/**
 * Decides whether a call may be made, and with how much output: clamped to what there is,
 * refused where that is less than `MIN_OUTPUT_TOKENS`.
 */
export function reserve(means: Means, call: CallEstimate): Reservation {
  const limits = [
    { reason: "no_credit", amount: means.creditsMicroUsd },
    { reason: "session_cap", amount: means.capMicroUsd },
  ] as const;
  let output = call.maxOutputTokens;
  for (const { reason, amount } of limits) {
    if (amount === null) continue;
    const affordable = tokensFor(amount - call.inputMicroUsd, call.outputMicroUsdPerMillion);
    if (
      amount <= 0 ||
      amount < call.inputMicroUsd ||
      affordable < Math.min(MIN_OUTPUT_TOKENS, call.maxOutputTokens)
    )
      return { ok: false, reason };
    output = Math.min(output, affordable);
  }
  return {
    ok: true,
    maxOutputTokens: output,
    amountMicroUsd: call.inputMicroUsd + priceOf(output, call.outputMicroUsdPerMillion),
  };
}

/** A cost with the platform's markup in percent (110 = 10 % on top), rounded up once. */
export function withMarkup(costMicroUsd: number, markupPercent: number): number {
  return Number((BigInt(costMicroUsd) * BigInt(markupPercent) + 99n) / 100n);
}
