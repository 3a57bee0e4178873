import { z } from "zod";

/** The providers whose keys an organization can have, besides any number of compatible endpoints. */
export const KEY_PROVIDERS = ["xai", "anthropic", "openai", "google", "openrouter"] as const;

/** `compatible:` and a slug of the organization's own choice. */
export const compatibleId = z.string().regex(/^compatible:[a-z0-9](?:[a-z0-9-]{0,38}[a-z0-9])?$/);

export const keyProvider = z.union([z.enum(KEY_PROVIDERS), compatibleId]);

/** An own endpoint's prices, in integer micro-USD for a million tokens; 0 where it costs nothing. */
const endpointPrices = z.strictObject({
  input_micro_usd: z.number().int().min(0).max(1_000_000_000),
  /** Input that the endpoint has read from its cache; by default as dear as any other. */
  cached_input_micro_usd: z.number().int().min(0).max(1_000_000_000).optional(),
  output_micro_usd: z.number().int().min(0).max(1_000_000_000),
});

const endpointModel = z.strictObject({
  id: z.string().min(1).max(200),
  name: z.string().min(1).max(200).optional(),
  context_tokens: z.number().int().min(1_000).max(100_000_000).default(128_000),
  output_tokens: z.number().int().min(256).max(10_000_000).default(16_384),
  /** Without them the cost of its calls is not known, and counts against no cap. */
  prices: endpointPrices.optional(),
});

/** `PUT /api/v1/provider-keys/{provider}`. A compatible endpoint needs its address and its models. */
export const putProviderKeyBody = z.strictObject({
  api_key: z.string().trim().min(8).max(1_000),
  name: z.string().trim().min(1).max(100).optional(),
  base_url: z.string().trim().max(1_000).optional(),
  models: z.array(endpointModel).min(1).max(100).optional(),
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
