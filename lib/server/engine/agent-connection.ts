import { isLive } from "#domain/lifecycle.ts";
import type { Id } from "#convex/_generated/dataModel.js";
import { DEADLINES } from "#domain/lifecycle.ts";
import type { Masker } from "#domain/mask.ts";
import type { AgentPlace } from "../agent/bridge.ts";
import { AcpClient } from "../agent/client.ts";
import type { HeldBack } from "../agent/resume.ts";
import { sessionOf } from "../convex/session-data.ts";
import { restartAgent } from "../sandbox-start/restart.ts";
import type { McpNames } from "#domain/mcp.ts";
import { serverNames } from "../mcp/session.ts";
import { maskerFor } from "../keys/session-secrets.ts";
import { carryOutRewind } from "./rewind.ts";
import type { Lease } from "./lease.ts";
import type { SandboxConnector } from "./sandbox-connector.ts";

/** A session's agent that can be talked to, and how far its log has come. */
export interface AgentConnection {
  client: AcpClient;
  place: AgentPlace;
  sandboxId: string;
  /** For how long the sandbox lives from its last connection on. */
  sandboxTimeoutMs: number;
  /** The agent's own name for the session. */
  agentSessionId: string;
  models: { provider: string; model: string; masker: Masker; servers?: readonly McpNames[] };
  activeRunId: Id<"runs"> | undefined;
  /** The last message of the agent's stream that is logged; null before the first. */
  cursor: number | null;
  /** What was heard up to there and is in no event yet. */
  held: HeldBack | undefined;
}

const STEPS = { sessionOf, carryOutRewind, restartAgent, maskerFor, serverNames };

/**
 * Connects to a session's agent; before that it goes back to an earlier turn, and is started again, where that is due.
 * @param steps what it is made of; tests put their own in place
 * @returns null where the session has no agent yet
 * @throws SandboxNotFoundError where the sandbox is gone
 * @throws ProvisionFailure where the agent cannot be started again
 * @throws lease_lost where another server has taken over
 */
export async function connectAgent(
  lease: Lease,
  connector: Pick<SandboxConnector, "connect">,
  signal: AbortSignal,
  steps: typeof STEPS = STEPS,
): Promise<AgentConnection | null> {
  const { sessionId, generation } = lease;
  let { session, stream } = await steps.sessionOf(sessionId);
  if (!isLive(session.status)) return null;
  if (session.rewindId) {
    await steps.carryOutRewind(lease);
    ({ session, stream } = await steps.sessionOf(sessionId));
  }
  if (session.agentRestart) {
    await steps.restartAgent(sessionId, generation);
    ({ session, stream } = await steps.sessionOf(sessionId));
  }
  const { sandboxId, acpServerId, agentSessionId, provider, model, activeRunId } = session;
  if (!sandboxId || !acpServerId || !agentSessionId) return null;
  const masker = await steps.maskerFor(session);
  const sandboxTimeoutMs = session.idleTimeoutMs + DEADLINES.sandboxGraceMs;
  const ref = await connector.connect(sandboxId, sandboxTimeoutMs, signal, session.waitingFor === "sandbox");
  const place = { ref, sessionId, acpServerId };
  return {
    client: new AcpClient(place),
    place,
    sandboxId,
    sandboxTimeoutMs,
    agentSessionId,
    models: { provider, model, masker, servers: await steps.serverNames(sessionId) },
    activeRunId,
    cursor: stream.cursor,
    held: stream.held,
  };
}
