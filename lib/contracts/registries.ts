import { z } from "zod";
import { LIMITS } from "#domain/limits.ts";
import { REGISTRY_KINDS } from "#domain/registries.ts";
import { boundedText } from "./limits.ts";

/** `PUT /api/v1/registries/{registry}` */
export const putRegistryBody = z.strictObject({
  kind: z
    .enum(REGISTRY_KINDS)
    .default("npm")
    .describe("`npm`: for npm, pnpm, Yarn 1 and Bun. `pypi`: an index for pip."),
  url: z
    .string()
    .trim()
    .max(1_000)
    .describe(
      "The registry's URL; with `pypi`, that of its simple index, such as `https://pypi.example.com/simple`.",
    ),
  username: boundedText(LIMITS.gitUsername, { trim: true })
    .optional()
    .describe("Where it wants one besides the token; for an index, `__token__` by default."),
  token: z
    .string()
    .trim()
    .min(1)
    .max(1_000)
    .regex(/^[\x21-\x7e]+$/, "must be one line without spaces")
    .optional()
    .describe("A token or password. Left out, the one before stays, for the same URL and user."),
  scopes: z
    .array(boundedText(LIMITS.registryScope, { trim: true }))
    .max(LIMITS.registryScopes.max)
    .default([])
    .describe("Of npm: what comes from it, such as `@acme`; none for all packages."),
});

const registrySchema = z.object({
  registry: z.string(),
  kind: z.enum(REGISTRY_KINDS),
  url: z.string(),
  username: z.string(),
  scopes: z.array(z.string()),
  masked_token: z.string(),
  status: z.enum(["active", "inactive", "error"]),
  status_detail: z.string().nullable(),
  verified_at: z.string().nullable(),
  updated_at: z.string(),
});
export type Registry = z.infer<typeof registrySchema>;

export const registriesResponse = z.object({ registries: z.array(registrySchema) });
export const registryResponse = z.object({ registry: registrySchema });
