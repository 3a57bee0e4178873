import { type Access, actor, member, service } from "./function-access.ts";

const variable = { name: "A", environment: null, description: "", reach: "agent" };

/** The functions of variables: see functions.ts. */
export const VARIABLE_FUNCTIONS: Record<string, Access> = {
  "variables:list": member("viewer", "settings:read", "own"),
  "variables:forSaving": actor("admin", "settings:write", "own", () => ({ name: "A", environment: null })),
  "variables:save": actor("admin", "settings:write", "own", () => ({
    ...variable,
    sealed: { ciphertext: "c", version: 1 },
    dataKey: { wrapped: "w", kekVersion: 1 },
  })),
  "variables:remove": member("admin", "settings:write", "not_found", () => ({
    name: "NONE",
    environment: null,
  })),
  "variables:forSession": service(({ sessionId }) => ({ sessionId })),
  "variables:keep": service(({ sessionId }) => ({
    sessionId,
    generation: 0,
    ciphertext: "c",
    wrapped: "w",
  })),
  "variables:kept": service(({ sessionId }) => ({ sessionId })),
};
