import { randomBytes } from "node:crypto";
import { DEADLINES } from "#domain/lifecycle.ts";
import { Masker } from "#domain/mask.ts";
import { type McpNames, mcpToolOf, shownToolName } from "#domain/mcp.ts";
import type { TranslationContext } from "./translation.ts";

const OWN = new Masker();

/**
 * What the translation of an agent's messages cannot see in them, at this moment.
 * @param session `masker`: knows the secrets of its sandbox; by default Studio's own alone, by their form; `servers`: the
 * MCP servers that it has
 */
export function translationContext(session: {
  provider: string;
  model: string;
  masker?: Masker;
  servers?: readonly McpNames[];
}): TranslationContext {
  const { provider, model, masker = OWN, servers = [] } = session;
  return {
    provider,
    model,
    masker,
    toolName(name) {
      const found = mcpToolOf(name, servers);
      return found ? shownToolName(found.server, found.tool) : name;
    },
    now: Date.now(),
    approvalMs: DEADLINES.approvalMs,
    newKey: (kind) => `${kind}_${randomBytes(12).toString("hex")}`,
  };
}
