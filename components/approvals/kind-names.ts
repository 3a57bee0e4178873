import type { ActKind } from "#domain/act-kinds.ts";

/** What a request does, in a word or two. */
export const KIND_NAMES: Record<ActKind, string> = {
  read: "Read",
  write: "Write",
  run: "Run",
  network: "Network",
  mcp: "MCP tool",
  push: "Push",
};
