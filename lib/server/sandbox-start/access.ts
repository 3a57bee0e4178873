import type { PinnedAgent } from "#domain/agent.ts";
import type { KeySource } from "#domain/catalog.ts";
import { providerAddress, type Upstream } from "../keys/upstream.ts";
import { type AgentAccess, openCodeConfig, type OpenCodeSetup } from "./opencode-config.ts";

/** How a session's agent is set up to reach its model. */
export interface AgentSetup extends OpenCodeSetup {
  /** The key itself, where the organization has it put into its sandboxes; else null: a token for the gateway goes in. */
  rawKey: string | null;
  /** Hosts that the sandbox must reach for it, besides Studio's own. */
  hosts: string[];
}

/** An address that the agent cannot know by itself: an endpoint's, or one that the operator has set. */
function unknownAddress(upstream: Upstream): string | undefined {
  if (upstream.guarded) return upstream.endpoints["openai-chat"];
  const { url, byOperator } = providerAddress(upstream.route);
  return byOperator ? url : undefined;
}

/**
 * Sets an agent up for whoever pays: through Studio's gateway, or with the organization's own key where it wants that.
 * A key of the platform's never goes into a sandbox. What the session's agent is told to be comes with it.
 * @param allowed whether the organization's setting allows it now, whatever it did when the session was created
 * @param studioUrl Studio's address as the sandbox sees it
 */
export function setUpAgent(
  session: {
    keySource: KeySource;
    rawKey?: boolean | undefined;
    pinned?: PinnedAgent | null;
    skillsRoots?: string[] | undefined;
    /** Permissions of free tools that have to ask. */
    held?: string[];
  },
  allowed: boolean,
  upstream: Upstream,
  studioUrl: string,
): AgentSetup {
  const raw = allowed && session.rawKey === true && session.keySource !== "platform" && upstream.key !== null;
  const pinned = session.pinned ?? null;
  if (!raw)
    return {
      ...openCodeConfig(
        upstream,
        { kind: "gateway", url: studioUrl },
        pinned,
        session.skillsRoots,
        session.held,
      ),
      rawKey: null,
      hosts: [],
    };
  const baseUrl = unknownAddress(upstream);
  const access: AgentAccess = { kind: "raw", ...(baseUrl !== undefined && { baseUrl }) };
  const addresses = Object.values(upstream.endpoints);
  return {
    ...openCodeConfig(upstream, access, pinned, session.skillsRoots, session.held),
    rawKey: upstream.key,
    hosts: [...new Set(addresses.map((url) => new URL(url).hostname))],
  };
}
