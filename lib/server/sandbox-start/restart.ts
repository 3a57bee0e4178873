import { randomUUID } from "node:crypto";
import { api } from "#convex/_generated/api.js";
import type { Doc, Id } from "#convex/_generated/dataModel.js";
import { DEADLINES } from "#domain/lifecycle.ts";
import { AcpClient } from "../agent/client.ts";
import { translationContext } from "../agent/context.ts";
import { reconcile } from "../agent/reconcile.ts";
import { toStored } from "../agent/stored-event.ts";
import type { RpcMessage } from "../agent/wire.ts";
import { makeSecret } from "../auth/opaque.ts";
import { serviceData } from "../convex/client.ts";
import { logAround } from "../convex/session-data.ts";
import { refusalOf } from "../convex/refusal.ts";
import { upstreamOf } from "../keys/upstream.ts";
import { environmentFrom, keptVariables } from "../keys/variables.ts";
import { retry } from "#net/retry.ts";
import { log, messageOf } from "../log.ts";
import { changeNetwork, isGone, reopenSandbox } from "../sandbox/sandbox.ts";
import { setUpAgent } from "./access.ts";
import { addresses } from "./addresses.ts";
import { startAgentServer, stopAgentServer } from "./agent-server.ts";
import { loadAgentSession, openAgent } from "./agent-session.ts";
import { configText } from "./config-text.ts";
import { filledAgent } from "./filled-agent.ts";
import { networkFor } from "./network.ts";
import { projectKey } from "./project-access.ts";
import { serverNames } from "../mcp/session.ts";
import { sessionMcp } from "./session-mcp.ts";
import { maskerFor } from "../keys/session-secrets.ts";
import { ProvisionFailure } from "./steps.ts";
import { sandboxVariables } from "./variables.ts";
import { WORKSPACE } from "../sandbox/paths.ts";

/** How long, and how often, a start is tried again that something in between has broken. */
const PATIENCE_MS = 60_000;
const MAX_TRIES = 4;
const PAUSE_MS = 1_500;
const OPENED_MS = 60_000;

/**
 * Starts a session's agent again. Tries several times where the way to the sandbox breaks meanwhile: such a way is
 * mended as a rule.
 * @throws ProvisionFailure with the sentence for the person; the caller ends the session with it
 * @throws lease_lost where another server has taken over meanwhile
 * @throws SandboxNotFoundError where the sandbox is gone
 */
export async function restartAgent(sessionId: Id<"sandboxSessions">, generation: number): Promise<void> {
  await retry(async () => await restartOnce(sessionId, generation), {
    timeoutMs: PATIENCE_MS,
    pauseMs: PAUSE_MS,
    tries: MAX_TRIES,
    isPassing: (error) => refusalOf(error) === undefined && !isGone(error),
    onRetry: (error) =>
      log("warn", "an agent could not be started again yet", { sessionId, error: messageOf(error) }),
  });
}

/**
 * What the log lacks of the run at work, by the history of the agent, as the log takes it. Of a run whose prompt was
 * never sent, or never arrived, there is nothing: that history ends with another run.
 */
async function missedEvents(
  session: Doc<"sandboxSessions">,
  runId: Id<"runs">,
  history: readonly RpcMessage[],
): Promise<ReturnType<typeof toStored>[]> {
  const { queued } = await serviceData().query(api.sessionCommands.inbox, { sessionId: session._id });
  if (queued.some(({ command }) => command.kind === "prompt" && command.runId === runId)) return [];
  const { logged, before } = await logAround(session._id, runId);
  const { provider, model } = session;
  const masker = await maskerFor(session);
  const servers = await serverNames(session._id);
  const context = translationContext({ provider, model, masker, servers });
  return reconcile(history, logged, context, before).map((event) => toStored({ ...event, runId }, masker));
}

/**
 * Starts a session's agent again in its sandbox, set up for the present payer, with the history that it had; then the
 * run that was going goes on. The caller holds the session's lease of that generation. Idempotent.
 * @throws ProvisionFailure with the sentence for the person; the caller ends the session with it
 * @throws lease_lost where another server has taken over meanwhile
 */
async function restartOnce(sessionId: Id<"sandboxSessions">, generation: number): Promise<void> {
  const data = serviceData();
  const {
    session,
    organization,
    rawKeyAllowed,
    network,
    agent: pinned,
  } = await data.query(api.sandboxSessions.forServer, { sessionId });
  // An earlier try was heard, though its answer was lost.
  if (session.agentRestart === undefined) return;
  // It begins a conversation where it was rewound to before its first turn.
  const begins = session.agentSessionId === undefined && session.agentRestart === "rewound";
  if (!session.sandboxId || (!session.agentSessionId && !begins))
    throw new ProvisionFailure("The session has no agent yet to restart.");
  const upstream = await upstreamOf(session);
  if (!upstream)
    throw new ProvisionFailure(`There's no longer a key for ${session.provider}/${session.model} here.`);
  const held = await data.query(api.sessionAgent.heldTools, { sessionId });
  const agent = setUpAgent(
    { ...session, pinned: filledAgent(pinned, session, organization), held },
    rawKeyAllowed,
    upstream,
    addresses().studioUrl,
  );
  const gateway = makeSecret("gw_studio");
  const keys = agent.rawKey === null ? [{ kind: "gateway" as const, ...gateway.stored }] : [];
  await data.mutation(api.apiKeys.createForSandbox, { sessionId, generation, keys });
  const { sandbox, ref } = await reopenSandbox(
    session.sandboxId,
    session.idleTimeoutMs + DEADLINES.sandboxGraceMs,
  );
  // Another payer may be another provider.
  if (agent.rawKey !== null) await changeNetwork(session.sandboxId, await networkFor(network, agent.hosts));
  await stopAgentServer(sandbox);
  const mcp = await sessionMcp(sessionId, projectKey(sessionId).secret);
  await sandbox.files.write([
    { path: `${WORKSPACE}/opencode.json`, data: `${configText(agent.config, 2)}\n` },
    ...mcp.files,
  ]);
  const acpServerId = `studio-${randomUUID()}`;
  const place = { ref, sessionId, acpServerId };
  const client = new AcpClient(place);
  await startAgentServer(sandbox, place, client, agent.config, {
    ...environmentFrom(await keptVariables(sessionId), "agent"),
    ...sandboxVariables({
      ...addresses(),
      keyVariable: agent.keyVariable,
      modelKey: agent.rawKey ?? gateway.secret,
      syncKey: projectKey(sessionId).secret,
    }),
  });
  if (session.agentSessionId === undefined) {
    const { agentSessionId } = await openAgent(client, agent.model, mcp.servers);
    const { cursor } = await client.untilNow(OPENED_MS);
    const begun = {
      sessionId,
      generation,
      acpServerId,
      agentSessionId,
      cursor,
      rpcId: randomUUID(),
      events: [],
    };
    return void (await data.mutation(api.sessionAgent.restarted, begun));
  }
  const { messages, cursor } = await loadAgentSession(
    client,
    session.agentSessionId,
    agent.model,
    mcp.servers,
  );
  const runId = session.activeRunId;
  const events = runId ? await missedEvents(session, runId, messages) : [];
  await data.mutation(api.sessionAgent.restarted, {
    sessionId,
    generation,
    acpServerId,
    cursor,
    rpcId: randomUUID(),
    events,
  });
}
