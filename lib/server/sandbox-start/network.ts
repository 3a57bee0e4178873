import { api } from "#convex/_generated/api.js";
import type { Doc, Id } from "#convex/_generated/dataModel.js";
import { type NetworkPolicy, namesToAllow } from "#domain/network.ts";
import { serviceData } from "../convex/client.ts";
import { upstreamOf } from "../keys/upstream.ts";
import { changeNetwork, isGone, type SandboxNetwork } from "../sandbox/sandbox.ts";
import { serviceFeatures } from "../sandbox/service.ts";
import { setUpAgent } from "./access.ts";
import { addresses } from "./addresses.ts";

/**
 * What a sandbox may talk to under a policy: Studio, the project's data and what its agent needs always, and what the
 * policy lets through besides.
 * @param agentHosts the hosts of a model that the agent calls itself
 * @throws TypeError where the sandbox service cannot be asked what it can do
 */
export async function networkFor(
  policy: NetworkPolicy,
  agentHosts: readonly string[],
): Promise<SandboxNetwork> {
  if (policy.mode === "open") return "open";
  const own = Object.values(addresses()).map((url) => new URL(url).hostname);
  const withPorts = policy.mode === "listed" && policy.hosts.some((host) => host.includes(":"));
  const { ports } = withPorts ? await serviceFeatures() : { ports: true };
  return { allowOut: [...new Set([...own, ...agentHosts, ...namesToAllow(policy, { ports })])] };
}

/** The hosts that a running session's agent calls itself, since it has the raw key. */
async function agentHostsOf(session: Doc<"sandboxSessions">): Promise<string[]> {
  if (session.rawKey !== true) return [];
  const upstream = await upstreamOf(session);
  // Whatever the setting is by now: the key is in the sandbox, and its agent goes on with it.
  return upstream ? setUpAgent(session, true, upstream, addresses().studioUrl).hosts : [];
}

/**
 * Brings a session's live sandbox to its environment's present policy, and logs it.
 * @returns false where the policy or the sandbox has changed meanwhile, so that there is more to do
 * @throws what the sandbox service throws where it does not take the change
 */
export async function followPolicy(sessionId: Id<"sandboxSessions">, revision: number): Promise<boolean> {
  const data = serviceData();
  const { session, network } = await data.query(api.sandboxSessions.forServer, { sessionId });
  const { sandboxId } = session;
  if (network.revision !== revision) return false;
  if (sandboxId === undefined) return true;
  try {
    await changeNetwork(sandboxId, await networkFor(network, await agentHostsOf(session)));
  } catch (error) {
    // Its session ends, or goes on in another sandbox, which follows the policy from its start.
    if (!isGone(error)) throw error;
  }
  return await data.mutation(api.networkPolicies.applied, { sessionId, sandboxId, revision });
}
