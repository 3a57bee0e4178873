import type { z } from "zod";
import { api } from "#convex/_generated/api.js";
import type { Id } from "#convex/_generated/dataModel.js";
import type { branchBody } from "#contracts/branches.ts";
import type { Principal } from "#domain/principal.ts";
import type { Session } from "#domain/session.ts";
import { actorOf, dataFor, serviceData } from "../convex/client.ts";
import { refuse } from "../http/refuse.ts";
import { startProvisioning } from "../engine/wake.ts";
import { chosenModel } from "./create.ts";

/**
 * Records a session that branches from another one, with its model unless another is named, and has its sandbox made in
 * the background. Who branches pays, as for any session.
 * @throws HttpError not_found | unknown_provider | unknown_model | no_key | no_credits | what Convex refuses
 */
export async function branchSession(
  caller: Exclude<Principal, { kind: "service" }>,
  sessionId: string,
  { fromSeq, title, budgetCapMicroUsd, agent, ...wanted }: z.output<typeof branchBody>,
): Promise<Session> {
  const parent = await dataFor(caller).query(api.sandboxSessions.get, { sessionId });
  const own = agent === "newest" ? await newestAgent(caller, parent) : parent;
  const { provider = own.provider, model = own.model } = wanted;
  const session = await serviceData().mutation(api.sessionBranches.create, {
    actor: actorOf(caller),
    sessionId,
    fromSeq,
    agent,
    ...(await chosenModel(caller, { provider, model })),
    ...(title !== undefined && { title }),
    ...(budgetCapMicroUsd !== undefined && { budgetCapMicroUsd }),
  });
  startProvisioning(session.id as Id<"sandboxSessions">);
  return session;
}

/** The model of a session's agent as it is now. @throws HttpError not_found where it has none, or that was deleted */
async function newestAgent(
  caller: Exclude<Principal, { kind: "service" }>,
  { agentId }: Pick<Session, "agentId">,
): Promise<{ provider: string; model: string }> {
  if (agentId === null) throw refuse("session_without_agent");
  const actor = actorOf(caller);
  const { provider, model } = await serviceData().query(api.agents.forStart, { actor, agentId });
  return { provider, model };
}
