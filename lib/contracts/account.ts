import { z } from "zod";
import { ENVIRONMENTS } from "#domain/catalog.ts";
import { LIMITS } from "#domain/limits.ts";
import { SCOPES } from "#domain/roles.ts";
import { boundedText } from "./limits.ts";

/** `POST /api/v1/api-keys`; no scopes means all of them. The key itself is answered once, and never again. */
export const createApiKeyBody = z.strictObject({
  name: boundedText(LIMITS.apiKeyName, { trim: true }),
  environment: z.enum(ENVIRONMENTS).default("development"),
  scopes: z
    .array(z.enum(SCOPES))
    .min(1)
    .max(SCOPES.length)
    .default([...SCOPES])
    .describe("What the key may do; by default all of it, as far as its owner's role allows."),
  expires_at: z.iso.datetime().optional().describe("By default the key does not expire."),
});
export const createApiKeyResponse = z.object({
  id: z.string(),
  key: z.string(),
  name: z.string(),
  organization_id: z.string(),
});

/** A key as it is listed: never more of it than its last four characters. */
export const apiKeySchema = z.object({
  id: z.string(),
  name: z.string(),
  masked: z.string(),
  scopes: z.array(z.string()),
  environment: z.enum(ENVIRONMENTS),
  created_at: z.string(),
  expires_at: z.string().nullable(),
  revoked_at: z.string().nullable(),
  last_used_at: z.string().nullable(),
});

/** `GET /api/v1/api-keys`, newest first. */
export const apiKeysResponse = z.object({
  api_keys: z.array(apiKeySchema),
  next_cursor: z.string().nullable(),
});

/** `GET /api/studio/models`: what can be chosen here, and who would pay. */
export const modelsResponse = z.object({
  providers: z.array(
    z.object({
      id: z.string(),
      name: z.string(),
      keySource: z.enum(["platform", "direct", "openrouter"]),
      models: z.array(
        z.object({
          id: z.string(),
          name: z.string(),
          tier: z.enum(["fast", "standard", "premium"]),
          contextTokens: z.number().int(),
          outputTokens: z.number().int(),
          priceInMicroUsd: z.number().int(),
          priceCachedMicroUsd: z.number().int(),
          priceOutMicroUsd: z.number().int(),
          priceCacheWriteMicroUsd: z
            .number()
            .int()
            .nullable()
            .describe("Null where the provider charges nothing above its price of input."),
          priceCacheWriteLongMicroUsd: z.number().int().nullable(),
          longContext: z
            .object({
              aboveTokens: z.number().int(),
              priceInMicroUsd: z.number().int(),
              priceCachedMicroUsd: z.number().int(),
              priceOutMicroUsd: z.number().int(),
            })
            .nullable()
            .describe("The prices of a call whose whole input is longer than `aboveTokens`."),
          priceVerified: z
            .boolean()
            .describe(
              "False if no price is published; the provider's most expensive one then stands in for it.",
            ),
          priceKnown: z
            .boolean()
            .describe("False for a model of your own endpoint without a price: its prices stand as 0."),
          verifiedAt: z.string(),
          images: z.boolean(),
          status: z.enum(["active", "deprecated", "retired"]),
          available: z
            .boolean()
            .describe("False for a retired model: a session that asks for it gets `replacement`."),
          shutdownAt: z.string().nullable(),
          replacement: z.string().nullable(),
          note: z.string().nullable(),
        }),
      ),
    }),
  ),
  default: z
    .object({
      provider: z.string(),
      model: z.string(),
      notice: z
        .string()
        .nullable()
        .describe("Where the default that was set, or the catalog's, has been retired: what took its place."),
    })
    .nullable(),
});
export type Models = z.infer<typeof modelsResponse>;

/** `GET /api/auth/token`: what the browser's data client needs. The token lives five minutes. */
export const tokenResponse = z.object({
  token: z.string(),
  convexUrl: z.string(),
  expiresAt: z.number(),
  build: z
    .string()
    .describe("Which build of the pages the server serves: a page of another one is out of date."),
});
