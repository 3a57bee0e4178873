/** This folder holds what people do with sessions, one act a file: it writes rows, and wakes the engine. */

import { api } from "#convex/_generated/api.js";
import type { FunctionArgs, FunctionReturnType } from "convex/server";
import type { Id } from "#convex/_generated/dataModel.js";
import type { KeySource } from "#domain/catalog.ts";
import type { createSessionBody, defaultSessionBody } from "#contracts/sessions.ts";
import { DEADLINES, UNTITLED } from "#domain/lifecycle.ts";
import { resolveModel } from "#domain/models.ts";
import type { Principal } from "#domain/principal.ts";
import type { Session } from "#domain/session.ts";
import type { z } from "zod";
import { TimedOut, until } from "#net/retry.ts";
import { meansOf, offeredModels, payerOf, providersOf } from "../catalog.ts";
import { actorOf, dataFor, serviceData } from "../convex/client.ts";
import { repositoryToStart } from "../git/start.ts";
import { startProvisioning } from "../engine/wake.ts";
import { HttpError } from "../http/error.ts";
import { relativeRoot } from "../skills/roots.ts";
import { refuse } from "../http/refuse.ts";

/** What is asked of a session that begins. */
type Asked = z.output<typeof createSessionBody>;
type Caller = Exclude<Principal, { kind: "service" }>;

/**
 * The model that a caller names, and who pays for it.
 * @throws HttpError unknown_provider | unknown_model | no_key | no_credits
 */
export async function chosenModel(
  caller: Caller,
  wanted: { provider: string; model: string },
): Promise<{
  provider: string;
  model: string;
  keySource: KeySource;
  requestedModel?: string;
  notice?: string;
}> {
  const means = await meansOf(caller);
  const known = providersOf(means);
  const provider = known.find((p) => p.id === wanted.provider);
  if (!provider)
    throw refuse("provider_unknown", { provider: wanted.provider, choices: known.map((p) => p.id) });
  const choice = resolveModel(provider.id, wanted.model, new Date(), known);
  if (!choice.ok)
    throw refuse("model_unknown", {
      provider: provider.name,
      model: wanted.model,
      choices: provider.models.map((m) => m.id),
    });
  const payer = payerOf(means, provider, choice.model);
  if (!payer.ok) throw new HttpError(payer.reason, payer.detail);
  return {
    provider: provider.id,
    model: choice.model.id,
    keySource: payer.keySource,
    ...(choice.notice !== null && { requestedModel: choice.requestedModel, notice: choice.notice }),
  };
}

/**
 * Records a session and has its sandbox made in the background.
 * @throws HttpError unknown_provider | unknown_model | no_key | no_credits | what Convex refuses
 */
export async function createSession(caller: Caller, body: Asked): Promise<Session> {
  const begun = await beginningOf(caller, body);
  const session = await serviceData().mutation(api.sandboxSessions.create, begun);
  startProvisioning(session.id as Id<"sandboxSessions">);
  return session;
}

/**
 * What a session begins with that is asked for: its model, and who pays for it.
 * @throws HttpError unknown_provider | unknown_model | no_key | no_credits | not_found
 */
export async function beginningOf(
  caller: Caller,
  body: Asked,
): Promise<FunctionArgs<typeof api.sandboxSessions.create>> {
  const agent = await agentToStart(caller, body);
  const chosen = await chosenModel(caller, await modelOf(caller, body, agent));
  const named = body.repository ?? (body.repositories ? undefined : ownRepository(agent));
  const repository = named && (await repositoryToStart(caller, named));
  const repositories =
    body.repositories &&
    (await Promise.all(
      body.repositories.map(async ({ access, ...one }) => ({
        ...(await repositoryToStart(caller, one)),
        access,
      })),
    ));
  return {
    actor: actorOf(caller),
    environment: body.environment,
    ...chosen,
    title: body.title ?? UNTITLED,
    ...(repository && { repository }),
    ...(body.skillsRoots != null && { skillsRoots: body.skillsRoots.map(relativeRoot) }),
    ...(repositories && { repositories }),
    ...(body.agentId !== undefined && { agentId: body.agentId }),
    ...(body.autoApprove !== undefined && { autoApprove: body.autoApprove }),
    ...(body.budgetCapMicroUsd !== undefined && { budgetCapMicroUsd: body.budgetCapMicroUsd }),
  };
}

/** The model that is asked for, or the organization's default. @throws HttpError no_key */
export async function wantedModel(
  caller: Caller,
  { provider, model }: { provider?: string | undefined; model?: string | undefined },
): Promise<{ provider: string; model: string }> {
  if (provider !== undefined && model !== undefined) return { provider, model };
  const chosen = offeredModels(await meansOf(caller)).default;
  if (!chosen) throw refuse("no_model");
  return chosen;
}

type AgentToStart = FunctionReturnType<typeof api.agents.forStart>;

/** What the agent that is asked for brings along. @throws HttpError not_found */
async function agentToStart(caller: Caller, { agentId }: Asked): Promise<AgentToStart | null> {
  if (agentId === undefined) return null;
  return await serviceData().query(api.agents.forStart, { actor: actorOf(caller), agentId });
}

/** The model that is asked for, or the agent's. @throws HttpError no_key */
async function modelOf(
  caller: Caller,
  asked: Asked,
  agent: AgentToStart | null,
): Promise<{ provider: string; model: string }> {
  return asked.provider === undefined && agent ? agent : await wantedModel(caller, asked);
}

/** The repository that an agent's sessions start from, as a session's body has it. */
function ownRepository(agent: AgentToStart | null) {
  if (!agent?.repository) return undefined;
  const { connection, url, ref } = agent.repository;
  return { connection, url, full: false, ...(ref !== null && { ref }) };
}

/**
 * The same with a model that is chosen where the caller chose none.
 * @throws HttpError no_key where no model can be used; what `createSession` throws
 */
export async function createDefaultSession(
  caller: Caller,
  {
    title,
    environment,
    provider,
    model,
    agent_id: agentId,
    skills_roots: skillsRoots,
  }: z.output<typeof defaultSessionBody>,
): Promise<Session> {
  return await createSession(caller, {
    environment,
    ...(provider !== undefined && { provider }),
    ...(model !== undefined && { model }),
    ...(agentId !== undefined && { agentId }),
    ...(title !== undefined && { title }),
    ...(skillsRoots != null && { skillsRoots }),
  });
}

const POLL_MS = 50;

/** The session once it is ready or has failed, or as it is when its time is over. */
export async function untilReady(caller: Principal, sessionId: string): Promise<Session> {
  const look = async () => await dataFor(caller).query(api.sandboxSessions.get, { sessionId });
  const settled = async () => {
    const session = await look();
    return session.status !== "provisioning" && session;
  };
  try {
    return await until("a session", settled, { timeoutMs: DEADLINES.provisioningMs, everyMs: POLL_MS });
  } catch (error) {
    if (error instanceof TimedOut) return await look();
    throw error;
  }
}
