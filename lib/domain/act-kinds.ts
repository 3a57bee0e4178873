/** The kinds of what an agent asks leave for: see `rules/kinds.ts`, which tells them. */
export const ACT_KINDS = ["read", "write", "run", "network", "mcp", "push"] as const;
export type ActKind = (typeof ACT_KINDS)[number];
