import type { ToolsMode } from "#domain/agents.ts";

/** How far an agent's tools go, in words. */
export const TOOLS_LABELS: Record<ToolsMode, { name: string; text: string }> = {
  sandboxed: {
    name: "Read only",
    text: "Reads and searches the workspace. It can't edit files, run commands, or use the web.",
  },
  restricted: {
    name: "Ask first",
    text: "Has all tools, and asks before it edits files or runs commands.",
  },
  full: {
    name: "Don't ask",
    text: "Has all tools. Every approval is granted automatically and logged; people can turn that off in a session.",
  },
};
