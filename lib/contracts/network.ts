import { z } from "zod";
import { ENVIRONMENTS } from "#domain/catalog.ts";
import { LIMITS } from "#domain/limits.ts";
import { NETWORK_MODES, NETWORK_PRESETS, NETWORK_PRESET_IDS } from "#domain/network.ts";
import { boundedText } from "./limits.ts";

const presetsText = NETWORK_PRESETS.map(({ id, hosts }) => `\`${id}\` (${hosts.join(", ")})`).join("; ");

const policyFields = {
  mode: z
    .enum(NETWORK_MODES)
    .describe(
      "`closed`: Studio and the project's data only. `listed`: also the presets and hosts below. `open`: every public address. Private addresses are never reached.",
    ),
  presets: z
    .array(z.enum(NETWORK_PRESET_IDS))
    .max(LIMITS.networkPresets.max)
    .describe(`Sets of well-known hosts: ${presetsText}.`),
  hosts: z
    .array(boundedText(LIMITS.networkHost))
    .max(LIMITS.networkHosts.max)
    .describe("Host names, `*.` host names, each with `:port` or without."),
};

/** A network policy, and how often it was changed. */
export const networkPolicySchema = z.object({ ...policyFields, revision: z.number().int() });

export const environmentParam = z.object({ environment: z.enum(ENVIRONMENTS) });

/** `GET /api/v1/network` */
export const networkPoliciesResponse = z.object({
  network: z.object({ development: networkPolicySchema, production: networkPolicySchema }),
});

/** `PUT /api/v1/network/{environment}`, `POST /api/v1/network/{environment}/hosts` */
export const networkPolicyResponse = z.object({ policy: networkPolicySchema });

/** `PUT /api/v1/network/{environment}` */
export const putNetworkPolicyBody = z.strictObject({
  ...policyFields,
  revision: z
    .number()
    .int()
    .min(0)
    .optional()
    .describe("The revision that the change is based on. Where another one is in place, nothing is changed."),
});

/** `POST /api/v1/network/{environment}/hosts` */
export const allowHostBody = z.strictObject({ host: boundedText(LIMITS.networkHost) });
