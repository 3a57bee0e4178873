import { z } from "zod";
import { ENDPOINT_MODEL_LIMITS, ENDPOINT_PRICE_LIMIT, LIMITS } from "#domain/limits.ts";
import { COMPATIBLE_ID, KEY_PROVIDERS } from "#domain/providers.ts";
import { boundedText, boundedWhole } from "./limits.ts";

/** `compatible:` and a slug of the organization's own choice. */
export const compatibleId = z.string().regex(COMPATIBLE_ID);

export const keyProvider = z.union([z.enum(KEY_PROVIDERS), compatibleId]);

/** An own endpoint's prices, in integer micro-USD for a million tokens; 0 where it costs nothing. */
const endpointPrices = z.strictObject({
  input_micro_usd: boundedWhole(ENDPOINT_PRICE_LIMIT),
  /** Input that the endpoint has read from its cache; by default as dear as any other. */
  cached_input_micro_usd: boundedWhole(ENDPOINT_PRICE_LIMIT).optional(),
  output_micro_usd: boundedWhole(ENDPOINT_PRICE_LIMIT),
});

const endpointModel = z.strictObject({
  id: boundedText(ENDPOINT_MODEL_LIMITS.id),
  name: boundedText(ENDPOINT_MODEL_LIMITS.name).optional(),
  context_tokens: boundedWhole(ENDPOINT_MODEL_LIMITS.contextTokens).default(128_000),
  output_tokens: boundedWhole(ENDPOINT_MODEL_LIMITS.outputTokens).default(16_384),
  /** Without them the cost of its calls is not known, and counts against no cap. */
  prices: endpointPrices.optional(),
});

/** `PUT /api/v1/provider-keys/{provider}`. A compatible endpoint needs its address and its models. */
export const putProviderKeyBody = z.strictObject({
  api_key: z.string().trim().min(8).max(1_000),
  name: boundedText(LIMITS.keyName, { trim: true }).optional(),
  base_url: z.string().trim().max(1_000).optional(),
  models: z.array(endpointModel).min(LIMITS.endpointModels.min).max(LIMITS.endpointModels.max).optional(),
});

/** A key as it is shown: never more of it than its beginning and its last four characters. */
export const providerKeySchema = z.object({
  provider: z.string(),
  name: z.string(),
  has_key: z.literal(true),
  masked: z.string(),
  base_url: z.string().nullable(),
  models: z
    .array(
      z.object({
        id: z.string(),
        name: z.string(),
        context_tokens: z.number(),
        output_tokens: z.number(),
        /** Without them no admin has set any. */
        prices: endpointPrices.required().optional(),
      }),
    )
    .nullable(),
  status: z.enum(["active", "inactive", "error"]),
  status_detail: z.string().nullable(),
  verified_at: z.string().nullable(),
  updated_at: z.string(),
});
export type ProviderKey = z.infer<typeof providerKeySchema>;

export const providerKeysResponse = z.object({ provider_keys: z.array(providerKeySchema) });
export const providerKeyResponse = z.object({ provider_key: providerKeySchema });
