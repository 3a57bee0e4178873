import { z } from "zod";
import { ApiError } from "./errors.ts";
import { invalidRules, type NetworkRules } from "./network/rules.ts";
import type { SandboxSpec } from "./spec.ts";
import type { Template } from "./templates.ts";

/** Bodies of E2B's control plane, as e2b@2.51.0 sends them; fields that are not here are ignored. */

const MAX_TIMEOUT_SECONDS = 7 * 86_400;
const seconds = z.number().min(0).max(MAX_TIMEOUT_SECONDS);
const environment = z.record(z.string().regex(/^[^=\0]+$/), z.string().regex(/^[^\0]*$/));

const networkSchema = z.object({
  allowOut: z.array(z.string()).optional(),
  denyOut: z.array(z.string()).optional(),
  allowPublicTraffic: z.boolean().optional(),
  maskRequestHost: z.string().optional(),
  httpsPorts: z.array(z.number()).optional(),
  rules: z.record(z.string(), z.array(z.object({ transform: z.unknown().optional() }))).optional(),
  egressProxy: z.unknown().optional(),
});
type Network = z.infer<typeof networkSchema>;

export const createSchema = z.object({
  templateID: z.string().min(1),
  metadata: z.record(z.string(), z.string()).nullish(),
  envVars: environment.nullish(),
  timeout: seconds.optional(),
  allow_internet_access: z.boolean().optional(),
  network: networkSchema.nullish(),
  autoPause: z.boolean().optional(),
  autoPauseMemory: z.boolean().optional(),
  autoResume: z.object({ enabled: z.boolean() }).nullish(),
  iam: z.unknown().optional(),
  volumeMounts: z.array(z.unknown()).nullish(),
});

export const connectSchema = z.object({ timeout: seconds.optional(), memory: z.boolean().optional() });
export const timeoutSchema = z.object({ timeout: seconds });
export const refreshSchema = z.object({ duration: seconds.optional() });
export const pauseSchema = z.object({ memory: z.boolean().optional() });
export const forkSchema = z.object({ count: z.int().min(1).optional() });
export const snapshotSchema = z.object({ name: z.string().min(1).optional() });
export const networkUpdateSchema = networkSchema.extend({ allow_internet_access: z.boolean().optional() });

/**
 * Checks a body against its schema.
 * @throws ApiError 400 naming the field
 */
export function parseBody<T>(schema: z.ZodType<T>, body: unknown): T {
  const parsed = schema.safeParse(body ?? {});
  if (!parsed.success) throw new ApiError(400, z.prettifyError(parsed.error));
  return parsed.data;
}

function refuseUnemulated(network: Network): void {
  const transforms = Object.values(network.rules ?? {}).some((rules) =>
    rules.some((r) => r.transform != null),
  );
  const asked = [
    ["network.rules with a transform", transforms],
    ["network.egressProxy", network.egressProxy != null],
    ["network.httpsPorts", (network.httpsPorts ?? []).length > 0],
  ] as const;
  for (const [what, present] of asked) {
    if (present) throw new ApiError(501, `${what} is not emulated by this host`);
  }
}

/**
 * The egress rules that a body asks for.
 * @throws ApiError 400 for rules that E2B would refuse, 501 for kinds that this host does not have
 */
export function rulesOf(network: Network, allowInternetAccess: boolean | undefined): NetworkRules {
  refuseUnemulated(network);
  const rules: NetworkRules = {
    allowOut: network.allowOut ?? [],
    denyOut: network.denyOut ?? [],
    allowInternetAccess: allowInternetAccess ?? true,
  };
  const problem = invalidRules(rules);
  if (problem) throw new ApiError(400, problem);
  return rules;
}

/** A checked creation body as what a sandbox is made from. */
export function specOf(body: z.infer<typeof createSchema>, template: Template): SandboxSpec {
  const asked = [
    ["volumes", (body.volumeMounts ?? []).length > 0],
    ["workload identity (iam)", body.iam != null],
  ] as const;
  for (const [what, present] of asked) {
    if (present) throw new ApiError(501, `Not emulated by this host: ${what}`);
  }
  const network = body.network ?? {};
  return {
    template,
    metadata: body.metadata ?? {},
    env: body.envVars ?? {},
    rules: rulesOf(network, body.allow_internet_access),
    allowPublicTraffic: network.allowPublicTraffic ?? true,
    maskRequestHost: network.maskRequestHost,
    onTimeout: body.autoPause ? "pause" : "kill",
    keepMemory: body.autoPauseMemory ?? true,
    autoResume: body.autoResume?.enabled ?? false,
  };
}
