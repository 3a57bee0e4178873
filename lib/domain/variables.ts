import type { Environment } from "./catalog.ts";

/** Where a variable goes: to the agent, its commands and terminals; to terminals alone; or to set-up alone. */
export const VARIABLE_REACHES = ["agent", "terminals", "setup"] as const;
export type VariableReach = (typeof VARIABLE_REACHES)[number];

/** How many there may be for all environments, and for each. */
export const MAX_VARIABLES = 32;
/** Bytes of all their values: what a session's log must not show is looked for in each event. */
export const MAX_PLACE_BYTES = 10_000;
/** What sealing adds to a value: a nonce, a tag, and what base64 rounds up. */
export const SEAL_BYTES = 30;

/** Which environment's sessions get it; null for those of all. */
export type VariablePlace = Environment | null;

/** Names that are Studio's, the agent's or the system's own: by them a sandbox would break, or its walls. */
const RESERVED =
  /^(?:(?:STUDIO|STRUERE|OPENCODE|E2B|SANDBOX_AGENT|XDG|LD|BUN|NPM_CONFIG)_.*|(?:HTTPS?|NO|ALL)_PROXY|NODE_USE_ENV_PROXY|NODE_OPTIONS|PATH|HOME|USER|LOGNAME|SHELL|PWD|OLDPWD|IFS|ENV|BASH_ENV|TERM)$/i;

/** Whether a name is taken by what every sandbox needs. */
export const isReservedVariable = (name: string): boolean => RESERVED.test(name);

/** Of variables that an organization has, those of one environment: what is set for it outranks what is set for all. */
export function variablesFor<T extends { name: string; environment: VariablePlace }>(
  all: readonly T[],
  environment: Environment,
): T[] {
  const found = new Map<string, T>();
  for (const place of [null, environment])
    for (const one of all) if (one.environment === place) found.set(one.name, one);
  return [...found.values()];
}
