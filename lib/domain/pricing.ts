/** Prices of a model, as integer micro-USD for a million tokens. */
export interface Prices {
  priceInMicroUsd: number;
  /** Input that was read from the provider's cache. */
  priceCachedMicroUsd: number;
  /** Output; reasoning is output. */
  priceOutMicroUsd: number;
  /** Input that was written to the cache for five minutes; without it such input costs as any other. */
  priceCacheWriteMicroUsd?: number;
  /** Input that was written to the cache for an hour. */
  priceCacheWriteLongMicroUsd?: number;
  /** What a call costs, all of it, once its whole input is longer than that. */
  longContext?: Omit<Prices, "longContext"> & { aboveTokens: number };
}

/** Tokens of one model call, as its provider reported them; the same words for every wire format. */
export interface TokenUsage {
  /** The whole prompt: what was fresh, read from a cache and written to one. */
  inputTokens: number;
  /** The part of `inputTokens` that was read from a cache. */
  cachedTokens: number;
  /** The whole answer, reasoning included. */
  outputTokens: number;
  /** The part of `inputTokens` that was written to a cache for five minutes. */
  cacheWriteTokens?: number;
  /** The part of `inputTokens` that was written to a cache for an hour. */
  cacheWriteLongTokens?: number;
  /** The part of `outputTokens` that was reasoning. */
  reasoningTokens?: number;
}

/** What prices are for, in tokens, times what a markup is of. */
const MILLION_PERCENT = 1_000_000n * 100n;

/**
 * What a call costs, in integer micro-USD, rounded up once over the whole call and its markup.
 * @param markupPercent 110 for 10 % on top
 * @throws RangeError where a figure is not a whole number
 */
export function costMicroUsd(prices: Prices, usage: TokenUsage, markupPercent = 100): number {
  const { longContext } = prices;
  const rate = longContext && usage.inputTokens > longContext.aboveTokens ? longContext : prices;
  const written = usage.cacheWriteTokens ?? 0;
  const writtenLong = usage.cacheWriteLongTokens ?? 0;
  const fresh = Math.max(0, usage.inputTokens - usage.cachedTokens - written - writtenLong);
  const writePrice = rate.priceCacheWriteMicroUsd ?? rate.priceInMicroUsd;
  const total =
    BigInt(fresh) * BigInt(rate.priceInMicroUsd) +
    BigInt(usage.cachedTokens) * BigInt(rate.priceCachedMicroUsd) +
    BigInt(written) * BigInt(writePrice) +
    BigInt(writtenLong) * BigInt(rate.priceCacheWriteLongMicroUsd ?? writePrice) +
    BigInt(usage.outputTokens) * BigInt(rate.priceOutMicroUsd);
  return Number((total * BigInt(markupPercent) + MILLION_PERCENT - 1n) / MILLION_PERCENT);
}

/**
 * A cost that a provider gave in dollars, as integer micro-USD, rounded up once with its markup, but not for the dust
 * that a float leaves behind.
 */
export function dollarsAsMicroUsd(dollars: number, markupPercent = 100): number {
  return Math.ceil(Number((dollars * 10_000 * markupPercent).toFixed(3)));
}

/**
 * The most that so much input and output can cost: all of the input as what is dearest, a cache's writing included.
 * @param longCache whether the call may write to a cache for an hour
 */
export function costAtMost(
  prices: Prices,
  usage: { inputTokens: number; outputTokens: number },
  markupPercent = 100,
  longCache = true,
): number {
  const { longContext } = prices;
  const rate = longContext && usage.inputTokens > longContext.aboveTokens ? longContext : prices;
  const priceInMicroUsd = Math.max(
    rate.priceInMicroUsd,
    rate.priceCachedMicroUsd,
    rate.priceCacheWriteMicroUsd ?? 0,
    longCache ? (rate.priceCacheWriteLongMicroUsd ?? 0) : 0,
  );
  return costMicroUsd(
    { priceInMicroUsd, priceCachedMicroUsd: 0, priceOutMicroUsd: rate.priceOutMicroUsd },
    { ...usage, cachedTokens: 0 },
    markupPercent,
  );
}

const dearest = (figures: (number | undefined)[]) => {
  const known = figures.filter((figure) => figure !== undefined);
  return known.length > 0 ? Math.max(...known) : undefined;
};

/** The highest of each price, long prompts' included; null where none is known. */
export function dearestPrices(known: readonly Prices[]): Prices | null {
  const rates = known.flatMap((prices) => (prices.longContext ? [prices, prices.longContext] : [prices]));
  const priceInMicroUsd = dearest(rates.map((rate) => rate.priceInMicroUsd));
  const priceCachedMicroUsd = dearest(rates.map((rate) => rate.priceCachedMicroUsd));
  const priceOutMicroUsd = dearest(rates.map((rate) => rate.priceOutMicroUsd));
  if (priceInMicroUsd === undefined || priceCachedMicroUsd === undefined || priceOutMicroUsd === undefined)
    return null;
  const write = dearest(rates.map((rate) => rate.priceCacheWriteMicroUsd));
  const writeLong = dearest(rates.map((rate) => rate.priceCacheWriteLongMicroUsd));
  return {
    priceInMicroUsd,
    priceCachedMicroUsd,
    priceOutMicroUsd,
    ...(write !== undefined && { priceCacheWriteMicroUsd: write }),
    ...(writeLong !== undefined && { priceCacheWriteLongMicroUsd: writeLong }),
  };
}
