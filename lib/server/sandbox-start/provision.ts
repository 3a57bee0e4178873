/** This folder starts sandboxes: a session's first one, with its workspace and agent, and the agent again later. */

import { randomUUID } from "node:crypto";
import type { FunctionReturnType } from "convex/server";
import { api } from "#convex/_generated/api.js";
import type { Id } from "#convex/_generated/dataModel.js";
import { DEADLINES } from "#domain/lifecycle.ts";
import { AcpClient } from "../agent/client.ts";
import { makeSecret } from "../auth/opaque.ts";
import { serviceData } from "../convex/client.ts";
import { sessionOf } from "../convex/session-data.ts";
import { refusalOf } from "../convex/refusal.ts";
import { isUnreachable } from "../convex/retry.ts";
import { HttpError } from "../http/error.ts";
import { upstreamOf } from "../keys/upstream.ts";
import { beginVariables, environmentFrom } from "../keys/variables.ts";
import { retry } from "#net/retry.ts";
import { log, messageOf } from "../log.ts";
import { endMetered } from "../sandbox/end.ts";
import { createSandbox, killSandbox, sizeOf } from "../sandbox/sandbox.ts";
import { templateKey } from "../sandbox/snapshots.ts";
import { setUpAgent } from "./access.ts";
import { addresses } from "./addresses.ts";
import { untilRoom, type WarmSandbox } from "./capacity.ts";
import { startAgentServer } from "./agent-server.ts";
import { continueAgentSession, openAgent } from "./agent-session.ts";
import { filledAgent } from "./filled-agent.ts";
import { networkFor } from "./network.ts";
import { packageFiles } from "./package-managers.ts";
import { projectKey, projectVariablesOf } from "./project-access.ts";
import { type SetupMemory, SessionSetup } from "./setup-session.ts";
import { AGENT_CONFIG, type GoBack, goesOn, renewKey, restoreWork } from "./restore-work.ts";
import { firstSkillFiles, skillFilesOf, syncSkills } from "../sandbox/skill-files.ts";
import { startRepositories } from "./repositories.ts";
import { ProvisionFailure, ServiceFull, StepReporter } from "./steps.ts";
import { sandboxVariables } from "./variables.ts";
import { sessionMcp } from "./session-mcp.ts";
import { claimWarmAgent, takeWarm } from "./warm-agent.ts";
import { templateVersionsOf } from "./template.ts";
import { workspaceFiles } from "./workspace.ts";
import { prepareWorkspace, pullProject } from "./workspace-start.ts";

const PAID_BY = {
  platform: "paid by platform credits",
  direct: "paid by your own key",
  openrouter: "paid by your OpenRouter key",
} as const;

export interface ProvisionHooks {
  /** Is told when a new session's files are there, often while its agent still starts: they can be saved. */
  onPrepared: () => void;
  /** Has a session that is ordered to go back do that, once its work is restored to this checkpoint. */
  goBack: GoBack;
}

/** How long, and how often, a creation is tried again that something in between has broken. */
const PATIENCE_MS = 60_000;
const MAX_TRIES = 6;
const PAUSE_MS = 1_500;

/**
 * Makes a session's sandbox and brings its agent up, once there is room for it; and again, in a fresh sandbox, where the
 * way to one breaks meanwhile: such a way is mended as a rule. A sandbox that was warm is tried once, whatever becomes of
 * it. Resolves once the session is ready.
 * @param generation of the session's lease, which the caller holds
 * @param signal ends the trying again, not the try
 * @param hooks what the engine does on the way
 * @throws ProvisionFailure with the sentence for the person; the caller ends the session with it
 * @throws lease_lost where another server has taken over meanwhile
 */
export async function provision(
  sessionId: Id<"sandboxSessions">,
  generation: number,
  signal: AbortSignal,
  hooks: ProvisionHooks,
): Promise<void> {
  const memory: SetupMemory = {};
  const { session: begun } = await sessionOf(sessionId);
  for (;;) {
    // An agent reads its conversations when it starts: those that it goes on with have to be there before.
    const claimed = await untilRoom(sessionId, generation, signal, !goesOn(begun));
    if (claimed === undefined) return;
    try {
      return await tryAgain(sessionId, generation, signal, memory, claimed, hooks);
    } catch (error) {
      if (!(error instanceof ServiceFull)) throw error;
      log("info", "the sandbox service is full, so a session waits", { sessionId });
      await serviceData().mutation(api.warmSandboxes.refusedByService, { sessionId, generation });
    }
  }
}

/** Tries, and tries again where something on the way broke. @throws ServiceFull, at once */
async function tryAgain(
  sessionId: Id<"sandboxSessions">,
  generation: number,
  signal: AbortSignal,
  memory: SetupMemory,
  claimed: WarmSandbox | null,
  hooks: ProvisionHooks,
): Promise<void> {
  let warm = claimed;
  let wasWarm = false;
  const once = async () => {
    const use = warm;
    wasWarm = use !== null;
    warm = null;
    await tryOnce(sessionId, generation, memory, use, hooks);
  };
  await retry(once, {
    timeoutMs: PATIENCE_MS,
    pauseMs: PAUSE_MS,
    tries: MAX_TRIES,
    signal,
    isPassing: (error) =>
      (wasWarm && refusalOf(error) === undefined && !(error instanceof ServiceFull)) ||
      (error instanceof ProvisionFailure ? error.passing : isUnreachable(error)),
    onRetry: (error) =>
      log("warn", "a session could not be made yet", { sessionId, error: messageOf(error) }),
  });
}

/** One try. Done again, it begins again. */
async function tryOnce(
  sessionId: Id<"sandboxSessions">,
  generation: number,
  memory: SetupMemory,
  warm: WarmSandbox | null,
  hooks: ProvisionHooks,
): Promise<void> {
  const found = await serviceData().query(api.sandboxSessions.forServer, { sessionId });
  const { session } = found;
  // Ready already, where only the answer was lost; or ended by a person.
  if (session.status !== "provisioning") return;
  if (session.sandboxId && session.sandboxId !== warm?.sandboxId) {
    // What an earlier try has left; where its host does not answer, it is found as nobody's and ended later.
    await endMetered(session.sandboxId).catch((error: unknown) =>
      log("info", "a sandbox could not be ended yet", { sessionId, error: messageOf(error) }),
    );
  }
  const steps = new StepReporter(sessionId, generation, session.resumedAt ?? session._creationTime);
  const setup = await SessionSetup.of(session, generation, memory);
  try {
    await make(found, generation, steps, setup, warm, hooks);
  } catch (error) {
    throw await setup.failed(error);
  } finally {
    steps.end();
  }
}

/**
 * Makes a session step by step, each step an event with its duration.
 * The agent's server starts while the workspace is written, and the project is pulled while the agent starts.
 */
async function make(
  {
    session,
    organization,
    rawKeyAllowed,
    network,
    agent: pinned,
  }: Omit<FunctionReturnType<typeof api.sandboxSessions.forServer>, "stream">,
  generation: number,
  steps: StepReporter,
  setup: SessionSetup,
  warm: WarmSandbox | null,
  { onPrepared, goBack }: ProvisionHooks,
): Promise<void> {
  const data = serviceData();
  const { _id: sessionId } = session;
  const upstream = await upstreamOf(session);
  if (!upstream)
    throw new ProvisionFailure(`There's no longer a key for ${session.provider}/${session.model} here.`);
  const where = addresses();
  const held = await data.query(api.sessionAgent.heldTools, { sessionId });
  const agent = setUpAgent(
    { ...session, pinned: filledAgent(pinned, session, organization), held },
    rawKeyAllowed,
    upstream,
    where.studioUrl,
  );
  await steps.passed(
    "resolve-key",
    `${upstream.name}: ${PAID_BY[session.keySource]}${agent.rawKey === null ? "" : ", which is in the sandbox"}`,
  );
  await steps.passed("record");

  const gateway = makeSecret("gw_studio");
  const sync = projectKey(sessionId);
  await steps.during("sandbox-key", "sandbox", async () => {
    const keys = [
      ...(agent.rawKey === null ? [{ kind: "gateway" as const, ...gateway.stored }] : []),
      { kind: "sync" as const, ...sync.stored },
    ];
    await data.mutation(api.apiKeys.createForSandbox, { sessionId, generation, keys });
  });

  const begun = await beginVariables(sessionId, session.organizationId, generation).catch(
    (error: unknown) => {
      throw error instanceof HttpError ? new ProvisionFailure(error.message) : error;
    },
  );
  const given = environmentFrom(begun, "agent");
  const variables = sandboxVariables({
    ...where,
    keyVariable: agent.keyVariable,
    modelKey: agent.rawKey ?? gateway.secret,
    syncKey: sync.secret,
  });
  const { sandbox, ref, bridge } = await steps.during("sandbox", "sandbox", async () => {
    const access = {
      network: await networkFor(network, agent.hosts),
      timeoutMs: session.idleTimeoutMs + DEADLINES.sandboxGraceMs,
    };
    const attach = async (sandboxId: string) => {
      const size = await sizeOf(sandboxId);
      const attached = { sessionId, generation, sandboxId, network, ...(size && { size }) };
      const { live } = await data.mutation(api.sandboxSessions.attachSandbox, attached);
      if (!live) throw new ProvisionFailure("The session was ended while its sandbox was being created.");
    };
    const taken = warm && (await takeWarm(warm, access));
    if (taken) {
      setup.beginsPlain();
      await attach(taken.ref.sandboxId);
      return taken;
    }
    const made = await setup.create(
      async (template) =>
        await createSandbox({
          // Studio's own outrank what an organization has given the same name.
          envs: { ...given, ...variables },
          metadata: { sessionId, organizationId: session.organizationId },
          ...access,
          template,
        }),
    );
    await attach(made.ref.sandboxId).catch(async (error: unknown) => {
      // Nobody will know of it.
      if (refusalOf(error)) await killSandbox(made.ref.sandboxId).catch(() => undefined);
      throw error;
    });
    return { ...made, bridge: undefined };
  });

  const versions = templateVersionsOf(sandbox);
  const mcp = await sessionMcp(sessionId, sync.secret);
  const restored = await restoreWork(sandbox, session, steps, goBack);
  const acpServerId = `studio-${randomUUID()}`;
  const place = { ref, sessionId, acpServerId };
  const client = new AcpClient(place);
  // The agent's server needs nothing of the workspace; the agent itself, which it starts at its first call, does.
  await Promise.all([
    steps.during("agent-server", "agent-start", async () => {
      if (bridge === undefined) await startAgentServer(sandbox, place, client, agent.config);
      else await claimWarmAgent(sandbox, bridge, place, client, agent.config, { ...given, ...variables });
    }),
    steps
      .during("files", "sandbox", async () => {
        const { _id: id, slug, name } = organization;
        const files = workspaceFiles({
          ...where,
          organization: { id, slug, name },
          environment: session.environment,
          openCode: agent.config,
          syncKey: sync.secret,
        });
        const isOwn = ({ path }: { path: string }) => !restored?.checkpointId || path === AGENT_CONFIG;
        const packages = await packageFiles(session.organizationId, sync.secret);
        const skills = restored?.checkpointId ? [] : await firstSkillFiles(sessionId);
        await sandbox.files.write([
          ...setup.filesOf(files).filter(isOwn),
          ...packages,
          ...skills,
          ...mcp.files,
        ]);
        if (restored?.checkpointId) {
          await renewKey(sandbox, sync.secret);
          // What a message names goes to the agent all the same.
          await skillFilesOf(sessionId)
            .then(async (kept) => await syncSkills(sandbox, kept))
            .catch((error: unknown) =>
              log("warn", "skills could not be written into a sandbox", {
                sessionId,
                error: messageOf(error),
              }),
            );
        }
      })
      .then(
        async () =>
          await steps.during("tools", "agent-start", async () => {
            // Of a warm one they have been looked at.
            if (bridge === undefined) await prepareWorkspace(sandbox);
          }),
      ),
  ]);
  const isKept = restored?.checkpointId != null;
  const pulled = [
    isKept
      ? steps.passed("project-pull", "as it was saved")
      : steps.during(
          "project-pull",
          "project-pull",
          async () => await pullProject(sandbox, projectVariablesOf(sessionId)),
        ),
    startRepositories(sandbox, session, generation, steps, {
      isRestored: isKept,
      isPrepared: setup.holdsRepository,
    }),
  ];
  const [opened] = await Promise.all([
    steps.during("agent-session", "agent-start", async () =>
      restored
        ? await continueAgentSession(client, restored.session, agent.model, isKept, mcp.servers)
        : await openAgent(client, agent.model, mcp.servers),
    ),
    Promise.all(pulled).then(() => {
      if (!isKept && !setup.isThere) onPrepared();
    }),
  ]);
  // Once the agent's server has its secrets: what a script starts could wait for them.
  await setup.finish(sandbox, steps, begun);
  if (!isKept && setup.isThere) onPrepared();
  await data.mutation(api.sandboxSessions.finishProvisioning, {
    sessionId,
    generation,
    agentSessionId: opened.agentSessionId,
    acpServerId,
    durationMs: Math.max(0, Date.now() - (session.resumedAt ?? session._creationTime)),
    made: { template: templateKey(), versions: await versions, buildId: setup.snapshotUsed },
    ...(opened.cursor !== undefined && { cursor: opened.cursor }),
    ...(restored && {
      restored: { checkpointId: restored.checkpointId, history: opened.history },
    }),
  });
}
