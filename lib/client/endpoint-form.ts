import { ENDPOINT_MODEL_LIMITS } from "#domain/limits.ts";
import { slugOf } from "./account.ts";
import type { Format } from "./format.ts";
import type { KeyRow } from "./live-settings.ts";
import { parsePrice } from "./money.ts";

/** One model of a compatible endpoint, as it is typed. `key` only identifies the row. */
export interface ModelFields {
  key: number;
  id: string;
  contextTokens: string;
  outputTokens: string;
  /** Dollars for a million tokens; empty where the price is not known. */
  priceIn: string;
  priceCached: string;
  priceOut: string;
}

/** A compatible endpoint as it is typed, by the API's names. */
export interface EndpointFields {
  name: string;
  base_url: string;
  api_key: string;
  models: readonly ModelFields[];
}

/** What a model of a new row begins with. */
export const FRESH_MODEL: Omit<ModelFields, "key"> = {
  id: "",
  contextTokens: "128000",
  outputTokens: "16384",
  priceIn: "",
  priceCached: "",
  priceOut: "",
};

/** An endpoint as it is edited; undefined for a new one. Its key cannot be read back. */
export function endpointFields(row: KeyRow | undefined, f: Format): EndpointFields {
  const dollars = (microUsd: number | undefined) =>
    microUsd === undefined ? "" : String(microUsd / 1_000_000).replace(".", f.separators.decimal);
  return {
    name: row?.name ?? "",
    base_url: row?.baseUrl ?? "",
    api_key: "",
    models: row?.models?.map((model, key) => ({
      key,
      id: model.id,
      contextTokens: String(model.contextTokens),
      outputTokens: String(model.outputTokens),
      priceIn: dollars(model.prices?.priceInMicroUsd),
      priceCached: dollars(model.prices?.priceCachedMicroUsd),
      priceOut: dollars(model.prices?.priceOutMicroUsd),
    })) ?? [{ key: 0, ...FRESH_MODEL }],
  };
}

export interface EndpointBody {
  name: string;
  base_url: string;
  api_key: string;
  models: {
    id: string;
    context_tokens: number;
    output_tokens: number;
    prices?: { input_micro_usd: number; cached_input_micro_usd?: number; output_micro_usd: number };
  }[];
}

export type CheckedEndpoint =
  | { ok: true; provider: string; body: EndpointBody }
  | { ok: false; problems: Record<string, string> };

const LEAST_CONTEXT = ENDPOINT_MODEL_LIMITS.contextTokens.min;
const LEAST_OUTPUT = ENDPOINT_MODEL_LIMITS.outputTokens.min;

/** A count as people type it: `128000`, `128,000` (in German `128.000`), `128k`. Undefined where it is none. */
function count(text: string, { group }: Format["separators"]): number | undefined {
  const found = /^(\d+)(k?)$/i.exec(text.replaceAll(group, "").replaceAll(/[_\s]/g, ""));
  return found ? Number(found[1]) * (found[2] ? 1000 : 1) : undefined;
}

type Prices = EndpointBody["models"][number]["prices"];

/** A model's prices as they are sent; undefined where none is typed, or one is wrong, which `problems` says then. */
function pricesOf(model: ModelFields, at: string, problems: Record<string, string>, f: Format): Prices {
  const read = (text: string, name: string) => {
    const parsed = parsePrice(text, f);
    if (!parsed.ok) problems[`${at}.prices.${name}`] = parsed.problem;
    return parsed.ok ? parsed.microUsd : null;
  };
  const input = read(model.priceIn, "input_micro_usd");
  const cached = read(model.priceCached, "cached_input_micro_usd");
  const output = read(model.priceOut, "output_micro_usd");
  if (input !== null && output !== null)
    return {
      input_micro_usd: input,
      ...(cached !== null && { cached_input_micro_usd: cached }),
      output_micro_usd: output,
    };
  if (input !== null || cached !== null || output !== null)
    problems[`${at}.prices.${input === null ? "input" : "output"}_micro_usd`] ??=
      "Enter both the input and the output price, or neither.";
  return undefined;
}

/** The id of an endpoint of this name; undefined where the name has no letter or digit that an id takes. */
export function endpointId(name: string): string | undefined {
  const slug = slugOf(name).slice(0, 40).replace(/-+$/, "");
  return slug === "" ? undefined : `compatible:${slug}`;
}

/**
 * What is sent for a typed endpoint, or what is wrong with which field, by the API's own names.
 * @param known the endpoint that is changed; undefined for a new one
 * @param taken ids that are in use
 * @param f how the reader writes numbers
 */
export function checkEndpoint(
  fields: EndpointFields,
  known: string | undefined,
  taken: readonly string[],
  f: Format,
): CheckedEndpoint {
  const problems: Record<string, string> = {};
  const provider = known ?? endpointId(fields.name);
  if (fields.name.trim() === "") problems.name = "Enter a name for the endpoint.";
  else if (provider === undefined) problems.name = "Use at least one letter (a–z) or digit.";
  else if (known === undefined && taken.includes(provider))
    problems.name = "An endpoint with this name already exists. Edit that one, or choose another name.";
  if (!/^https?:\/\/\S+$/i.test(fields.base_url.trim()))
    problems.base_url = "Enter a URL that starts with https:// or http://.";
  if (fields.api_key.trim().length < 8) problems.api_key = "Keys have at least 8 characters.";
  const seen = new Set<string>();
  const models = fields.models.map((model, index) => {
    const id = model.id.trim();
    const contextTokens = count(model.contextTokens, f.separators);
    const outputTokens = count(model.outputTokens, f.separators);
    if (id === "") problems[`models.${index}.id`] = "Enter the model's name as the endpoint knows it.";
    else if (seen.has(id)) problems[`models.${index}.id`] = "This model is already on the list.";
    seen.add(id);
    if (contextTokens === undefined || contextTokens < LEAST_CONTEXT)
      problems[`models.${index}.context_tokens`] = `Enter a number of at least ${f.count(LEAST_CONTEXT)}.`;
    if (outputTokens === undefined || outputTokens < LEAST_OUTPUT)
      problems[`models.${index}.output_tokens`] = `Enter a number of at least ${f.count(LEAST_OUTPUT)}.`;
    const prices = pricesOf(model, `models.${index}`, problems, f);
    return {
      id,
      context_tokens: contextTokens ?? 0,
      output_tokens: outputTokens ?? 0,
      ...(prices && { prices }),
    };
  });
  if (provider === undefined || Object.keys(problems).length > 0) return { ok: false, problems };
  return {
    ok: true,
    provider,
    body: {
      name: fields.name.trim(),
      base_url: fields.base_url.trim(),
      api_key: fields.api_key.trim(),
      models,
    },
  };
}
