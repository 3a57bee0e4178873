import type { ModelRow } from "#domain/model-row.ts";
import type { Prices } from "#domain/pricing.ts";
import type { ListedModel, Snapshot } from "./snapshot.ts";

type Figure = number | boolean | undefined;

/** One field of a line that the agent's list has otherwise. */
export interface Difference {
  field: string;
  ours: Figure;
  theirs: Figure;
}

/** What a comparison found of one line. */
export interface Compared {
  row: ModelRow;
  /** True where the agent's list has the model. */
  listed: boolean;
  differences: Difference[];
  /** The line with the list's figures. */
  updated: ModelRow;
}

/** Micro-USD of a price in dollars. Floats of the list are rounded to whole ones. */
const micro = (dollars: number) => Math.round(dollars * 1_000_000);

/** A cache write of an hour costs twice the input at Anthropic, one of five minutes 1.25 times, which the list has. */
const LONG_WRITE = 2;

type Rate = NonNullable<ListedModel["cost"]>;

function rate(provider: string, listed: Omit<Rate, "tiers">): Omit<Prices, "longContext"> | null {
  const { input, output, cache_read, cache_write } = listed;
  if (input === undefined || output === undefined) return null;
  return {
    priceInMicroUsd: micro(input),
    // Where the list has no price of cached input, it costs as any other.
    priceCachedMicroUsd: micro(cache_read ?? input),
    priceOutMicroUsd: micro(output),
    ...(cache_write !== undefined && { priceCacheWriteMicroUsd: micro(cache_write) }),
    ...(provider === "anthropic" && { priceCacheWriteLongMicroUsd: micro(input * LONG_WRITE) }),
  };
}

/** A listed model's prices in the catalog's form; null where the list has none. */
export function pricesOf(provider: string, listed: ListedModel): Prices | null {
  const base = listed.cost && rate(provider, listed.cost);
  if (!base) return null;
  const tier = listed.cost?.tiers?.find((one) => one.tier.type === "context");
  const above = tier && rate(provider, tier);
  return { ...base, ...(above && { longContext: { aboveTokens: tier.tier.size, ...above } }) };
}

/** The fields of a line that the list speaks of, flat, so that they can be compared one by one. */
function flat(row: Pick<ModelRow, "contextTokens" | "outputTokens" | "images" | "prices">) {
  const { longContext, ...base } = row.prices ?? ({} as Partial<Prices>);
  return new Map<string, Figure>([
    ["contextTokens", row.contextTokens],
    ["outputTokens", row.outputTokens],
    ["images", row.images],
    ...Object.entries(base),
    ...Object.entries(longContext ?? {}).map(([name, value]): [string, Figure] => [
      `longContext.${name}`,
      value,
    ]),
  ]);
}

function compareOne(row: ModelRow, listed: ListedModel, today: string): Compared {
  const theirs = {
    contextTokens: listed.limit.context,
    outputTokens: listed.limit.output,
    images: listed.modalities?.input.includes("image") ?? row.images,
    // A price that the list has lost is not lost here.
    prices: pricesOf(row.provider, listed) ?? row.prices,
  };
  const before = flat(row);
  const after = flat(theirs);
  const differences = [...new Set([...before.keys(), ...after.keys()])]
    .filter((field) => before.get(field) !== after.get(field))
    .map((field) => ({ field, ours: before.get(field), theirs: after.get(field) }));
  const kept = row.kept !== undefined && differences.length > 0;
  return {
    row,
    listed: true,
    differences,
    updated: kept ? row : { ...row, ...theirs, verifiedAt: today },
  };
}

/**
 * Compares the catalog's lines with the agent's list.
 * @param today as YYYY-MM-DD: the day on which an updated line was verified
 */
export function compare(rows: readonly ModelRow[], snapshot: Snapshot, today: string): Compared[] {
  return rows.map((row) => {
    const listed = snapshot.get(row.provider)?.get(row.apiId);
    return listed ? compareOne(row, listed, today) : { row, listed: false, differences: [], updated: row };
  });
}

/** The comparison in words, a line for each thing that a person should look at. */
export function report(compared: readonly Compared[], now: Date): string[] {
  const today = now.toISOString().slice(0, 10);
  const lines = compared.flatMap(({ row, listed, differences }) => {
    const name = `${row.provider}/${row.id}`;
    const over = row.shutdownAt !== null && row.shutdownAt <= today;
    if (!listed) return over ? [] : [`${name}: the agent's list does not have it`];
    const reason = row.kept !== undefined && differences.length > 0 ? `  kept: ${row.kept}` : undefined;
    return [
      ...differences.map(
        ({ field, ours, theirs }) => `${name}: ${field} ${String(ours ?? "–")} → ${String(theirs ?? "–")}`,
      ),
      ...(reason === undefined ? [] : [reason]),
    ];
  });
  const without = compared.filter(({ listed }) => !listed).length;
  const summary = `${compared.length} models, ${without} of them not in the agent's list.`;
  return lines.length > 0 ? [...lines, summary] : [`No difference. ${summary}`];
}
