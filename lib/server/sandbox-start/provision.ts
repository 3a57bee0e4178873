/** This folder starts sandboxes: a session's first one, with its workspace and agent, and the agent again later. */

import { randomUUID } from "node:crypto";
import type { FunctionReturnType } from "convex/server";
import { CommandExitError, type Sandbox } from "e2b";
import { api } from "#convex/_generated/api.js";
import type { Id } from "#convex/_generated/dataModel.js";
import { DEADLINES } from "#domain/lifecycle.ts";
import { AcpClient } from "../agent/client.ts";
import { makeSecret } from "../auth/opaque.ts";
import { serviceData } from "../convex/client.ts";
import { refusalOf } from "../convex/refusal.ts";
import { isUnreachable } from "../convex/retry.ts";
import { HttpError } from "../http/error.ts";
import { upstreamOf } from "../keys/upstream.ts";
import { beginVariables, environmentFrom } from "../keys/variables.ts";
import { EXIT_UNREACHABLE } from "#contracts/sync.ts";
import { retry } from "#net/retry.ts";
import { log, messageOf } from "../log.ts";
import { createSandbox, killSandbox } from "../sandbox/sandbox.ts";
import { setUpAgent } from "./access.ts";
import { addresses } from "./addresses.ts";
import { startAgentServer } from "./agent-server.ts";
import { openAgentSession } from "./agent-session.ts";
import { networkFor } from "./network.ts";
import { startRepositories } from "./repositories.ts";
import { ProvisionFailure, StepReporter } from "./steps.ts";
import { sandboxVariables } from "./variables.ts";
import { WORKSPACE } from "../sandbox/paths.ts";
import { workspaceFiles } from "./workspace.ts";

const PAID_BY = {
  platform: "paid by platform credits",
  direct: "paid by your own key",
  openrouter: "paid by your OpenRouter key",
} as const;

/** Runs a command to its end. @throws ProvisionFailure with its last words where it fails */
async function run(sandbox: Sandbox, command: string, timeoutMs: number, what: string): Promise<string> {
  const result = await sandbox.commands
    .run(command, { cwd: WORKSPACE, timeoutMs })
    .catch((error: unknown) => {
      if (!(error instanceof CommandExitError)) throw error;
      const words = (error.stderr || error.stdout || error.message).trim().slice(-400);
      // A project that cannot be fetched now, since its own way is broken, may be in a moment.
      throw new ProvisionFailure(`${what} failed: ${words}`, {
        passing: error.exitCode === EXIT_UNREACHABLE,
      });
    });
  return result.stdout;
}

/** How long, and how often, a creation is tried again that something in between has broken. */
const PATIENCE_MS = 60_000;
const MAX_TRIES = 6;
const PAUSE_MS = 1_500;

/**
 * Makes a session's sandbox and brings its agent up; and again, in a fresh sandbox, where the way to one breaks
 * meanwhile: such a way is mended as a rule. Resolves once the session is ready.
 * @param generation of the session's lease, which the caller holds
 * @param signal ends the trying again, not the try
 * @throws ProvisionFailure with the sentence for the person; the caller ends the session with it
 * @throws lease_lost where another server has taken over meanwhile
 */
export async function provision(
  sessionId: Id<"sandboxSessions">,
  generation: number,
  signal: AbortSignal,
): Promise<void> {
  await retry(async () => await tryOnce(sessionId, generation), {
    timeoutMs: PATIENCE_MS,
    pauseMs: PAUSE_MS,
    tries: MAX_TRIES,
    signal,
    isPassing: (error) => (error instanceof ProvisionFailure ? error.passing : isUnreachable(error)),
    onRetry: (error) =>
      log("warn", "a session could not be made yet", { sessionId, error: messageOf(error) }),
  });
}

/** One try. Done again, it begins again. */
async function tryOnce(sessionId: Id<"sandboxSessions">, generation: number): Promise<void> {
  const found = await serviceData().query(api.sandboxSessions.forServer, { sessionId });
  const { session } = found;
  // Ready already, where only the answer was lost; or ended by a person.
  if (session.status !== "provisioning") return;
  if (session.sandboxId) {
    // What an earlier try has left; where its host does not answer, it is found as nobody's and ended later.
    await killSandbox(session.sandboxId).catch((error: unknown) =>
      log("info", "a sandbox could not be ended yet", { sessionId, error: messageOf(error) }),
    );
  }
  const steps = new StepReporter(sessionId, generation, session._creationTime);
  try {
    await make(found, generation, steps);
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
  }: Omit<FunctionReturnType<typeof api.sandboxSessions.forServer>, "stream">,
  generation: number,
  steps: StepReporter,
): Promise<void> {
  const data = serviceData();
  const { _id: sessionId } = session;
  const upstream = await upstreamOf(session);
  if (!upstream)
    throw new ProvisionFailure(`There's no longer a key for ${session.provider}/${session.model} here.`);
  const where = addresses();
  const agent = setUpAgent(session, rawKeyAllowed, upstream, where.studioUrl);
  await steps.passed(
    "resolve-key",
    `${upstream.name}: ${PAID_BY[session.keySource]}${agent.rawKey === null ? "" : ", which is in the sandbox"}`,
  );
  await steps.passed("record");

  const gateway = makeSecret("gw_studio");
  const sync = makeSecret("sync_studio");
  await steps.during("sandbox-key", "sandbox", async () => {
    const keys = [
      ...(agent.rawKey === null ? [{ kind: "gateway" as const, ...gateway.stored }] : []),
      { kind: "sync" as const, ...sync.stored },
    ];
    await data.mutation(api.apiKeys.createForSandbox, { sessionId, generation, keys });
  });

  const given = environmentFrom(
    await beginVariables(sessionId, session.organizationId, generation).catch((error: unknown) => {
      throw error instanceof HttpError ? new ProvisionFailure(error.message) : error;
    }),
    "agent",
  );
  const variables = sandboxVariables({
    ...where,
    keyVariable: agent.keyVariable,
    modelKey: agent.rawKey ?? gateway.secret,
    syncKey: sync.secret,
  });
  const { sandbox, ref } = await steps.during("sandbox", "sandbox", async () => {
    const made = await createSandbox({
      // Studio's own outrank what an organization has given the same name.
      envs: { ...given, ...variables },
      metadata: { sessionId, organizationId: session.organizationId },
      network: await networkFor(network, agent.hosts),
      timeoutMs: session.idleTimeoutMs + DEADLINES.sandboxGraceMs,
    });
    const { sandboxId } = made.ref;
    const { live } = await data
      .mutation(api.sandboxSessions.attachSandbox, { sessionId, generation, sandboxId, network })
      .catch(async (error: unknown) => {
        // Nobody will know of it.
        if (refusalOf(error)) await killSandbox(sandboxId).catch(() => undefined);
        throw error;
      });
    if (!live) throw new ProvisionFailure("The session was ended while its sandbox was being created.");
    return made;
  });

  const acpServerId = `studio-${randomUUID()}`;
  const place = { ref, sessionId, acpServerId };
  const client = new AcpClient(place);
  // The agent's server needs nothing of the workspace; the agent itself, which it starts at its first call, does.
  await Promise.all([
    steps.during(
      "agent-server",
      "agent-start",
      async () => await startAgentServer(sandbox, place, client, agent.config),
    ),
    steps
      .during("files", "sandbox", async () => {
        const { _id: id, slug, name } = organization;
        await sandbox.files.write(
          workspaceFiles({
            ...where,
            organization: { id, slug, name },
            environment: session.environment,
            openCode: agent.config,
            syncKey: sync.secret,
          }),
        );
      })
      .then(
        async () =>
          await steps.during("tools", "agent-start", async () => {
            // A workspace without git has no snapshots, and paths relative to the root.
            await run(
              sandbox,
              "command -v opencode studio-agent rg git node struere && git init -q -b main",
              15_000,
              "Looking for the agent's tools",
            );
          }),
      ),
  ]);
  const [, agentSessionId] = await Promise.all([
    steps.during("project-pull", "project-pull", async () => {
      await run(sandbox, "struere pull --force", 60_000, "Pulling the project");
    }),
    steps.during("agent-session", "agent-start", async () => await openAgentSession(client, agent.model)),
    startRepositories(sandbox, sessionId, generation, steps),
  ]);
  await data.mutation(api.sandboxSessions.finishProvisioning, {
    sessionId,
    generation,
    agentSessionId,
    acpServerId,
    durationMs: Math.max(0, Date.now() - session._creationTime),
  });
}
