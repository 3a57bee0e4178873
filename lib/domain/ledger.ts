/**
 * What an entry of the ledger is: credits given, a call's charge, a charge that was given back, credits bought, a payment
 * that was refunded, one that is disputed with a bank, the time of a sandbox, and credits that the operator took back.
 */
export const LEDGER_KINDS = [
  "grant",
  "charge",
  "refund",
  "purchase",
  "purchase_return",
  "dispute",
  "sandbox",
  "adjustment",
] as const;

type LedgerKind = (typeof LEDGER_KINDS)[number];

/** What credits were spent on; what of it was given back counts against it. */
const SPENDING: ReadonlySet<LedgerKind> = new Set(["charge", "sandbox", "refund"]);

/** Whether an entry is of what credits were spent on, and not of money that came or went back. */
export const isSpending = (kind: LedgerKind): boolean => SPENDING.has(kind);

/**
 * What an organization has spent of its credits in a month, once an entry is made.
 * @param before what it had, of that month or an earlier one; integer micro-USD
 * @param month the entry's, such as `2026-11`
 */
export function spentWith(
  before: { spentMonth?: string | undefined; spentMicroUsd?: number | undefined },
  entry: { kind: LedgerKind; deltaMicroUsd: number },
  month: string,
): { spentMonth: string; spentMicroUsd: number } {
  const spent = before.spentMonth === month ? (before.spentMicroUsd ?? 0) : 0;
  return { spentMonth: month, spentMicroUsd: spent - (isSpending(entry.kind) ? entry.deltaMicroUsd : 0) };
}

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
  /** What the run may cost less what it has spent and the session holds; without it the run has no limit of its own. */
  runMicroUsd?: number;
  /** The monthly limits that the call counts against: each less what is spent and held, and what of that is held. */
  limits?: readonly { leftMicroUsd: number; heldMicroUsd: number }[];
  /** What calls under way hold of the credits, and of the cap. */
  creditsHeldMicroUsd?: number;
  capHeldMicroUsd?: number;
}

/** What a model call may cost at most. */
export interface CallEstimate {
  /** The whole input as it is likely to be counted, at the full price. */
  inputMicroUsd: number;
  /** The most that the input can be counted as; without it, what is likely is the most. */
  maxInputMicroUsd?: number | undefined;
  /** Price of a million tokens of output, of all answers that the call asks for. */
  outputMicroUsdPerMillion: number;
  /** What the agent asked for, or the model's own limit, of each answer. */
  maxOutputTokens: number;
}

/** `held`: there is enough, but not while other calls are under way. `limit`: which of the limits, by its place. */
export type Reservation =
  | { ok: true; amountMicroUsd: number; maxOutputTokens: number }
  | { ok: false; reason: "no_credit" | "session_cap" | "run_cap" | "held" }
  | { ok: false; reason: "limit"; limit: number };

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
 * refused where that is less than `MIN_OUTPUT_TOKENS`. The most that the call can cost is held. Where there is less than
 * that, and as much as it is likely to cost, it may be made alone: so what is overdrawn is the error of one call.
 */
export function reserve(means: Means, call: CallEstimate): Reservation {
  const price = call.outputMicroUsdPerMillion;
  const most = Math.max(call.inputMicroUsd, call.maxInputMicroUsd ?? 0);
  const isFree = most === 0 && price === 0;
  const limits = [
    { reason: "no_credit", amount: means.creditsMicroUsd, held: means.creditsHeldMicroUsd ?? 0 },
    { reason: "session_cap", amount: means.capMicroUsd, held: means.capHeldMicroUsd ?? 0 },
    { reason: "run_cap", amount: means.runMicroUsd ?? null, held: means.capHeldMicroUsd ?? 0 },
    // What costs nothing, as a model of one's own may, needs nothing to be left of a month.
    ...(isFree ? [] : (means.limits ?? [])).map(
      ({ leftMicroUsd: amount, heldMicroUsd: held }, limit) =>
        ({ reason: "limit", limit, amount, held }) as const,
    ),
  ] as const;
  const least = Math.min(MIN_OUTPUT_TOKENS, call.maxOutputTokens);
  const allows = (amount: number, input: number) =>
    amount > 0 && amount >= input && tokensFor(amount - input, price) >= least;
  let output = call.maxOutputTokens;
  let input = most;
  for (const one of limits) {
    const { amount, held } = one;
    if (amount === null || allows(amount, most)) continue;
    if (!allows(amount, call.inputMicroUsd)) {
      if (one.reason !== "limit") return { ok: false, reason: one.reason };
      // Many share a month's limit: it is reached once what they have spent leaves no room, whatever they hold.
      if (!allows(amount + held, call.inputMicroUsd)) return { ok: false, reason: "limit", limit: one.limit };
    }
    if (held > 0) return { ok: false, reason: "held" };
    input = call.inputMicroUsd;
  }
  for (const { amount } of limits)
    if (amount !== null) output = Math.min(output, tokensFor(amount - input, price));
  return { ok: true, maxOutputTokens: output, amountMicroUsd: input + priceOf(output, price) };
}
