import { api } from "#convex/_generated/api.js";
import type { Environment } from "#domain/catalog.ts";
import { type NetworkPolicies, type NetworkPolicy, parseHost, type StoredPolicy } from "#domain/network.ts";
import type { Principal } from "#domain/principal.ts";
import { dataFor } from "../convex/client.ts";
import { networkChanged } from "../engine/wake.ts";
import { refuse } from "../http/refuse.ts";
import { serviceFeatures } from "../sandbox/service.ts";

type Caller = Exclude<Principal, { kind: "service" }>;

/** The network policy of each environment. */
export async function readPolicies(caller: Caller): Promise<NetworkPolicies> {
  return await dataFor(caller).query(api.networkPolicies.get, {});
}

/** Whether the sandbox service can hold a host to one port; false where it can't be asked. */
export async function servicePorts(): Promise<boolean> {
  return (await serviceFeatures().catch(() => null))?.ports ?? false;
}

/** @throws HttpError invalid_request for a host with a port, where the sandbox service can't hold it to one */
async function refusePorts(hosts: readonly string[]): Promise<void> {
  const withPort = hosts.find((typed) => {
    const parsed = parseHost(typed);
    return parsed.ok && parsed.host.port !== undefined;
  });
  if (withPort === undefined) return;
  // Where it can't be asked, the host is stored; it stays closed on a service that knows no ports.
  const features = await serviceFeatures().catch(() => null);
  if (features?.ports === false) throw refuse("network_ports_unsupported", { host: withPort });
}

/**
 * Replaces an environment's policy, and brings it to the live sandboxes.
 * @param change `revision`: the one that it is based on; where another one is in place, nothing is changed
 * @throws HttpError invalid_request | forbidden
 */
export async function writePolicy(
  caller: Caller,
  environment: Environment,
  { mode, presets, hosts, revision }: NetworkPolicy & { revision?: number | undefined },
): Promise<StoredPolicy> {
  await refusePorts(hosts);
  const after = await dataFor(caller).mutation(api.networkPolicies.set, {
    environment,
    mode,
    presets,
    hosts,
    ...(revision !== undefined && { revision }),
  });
  networkChanged();
  return after;
}

/**
 * Adds one host to an environment's list, and brings the policy to the live sandboxes.
 * @throws HttpError invalid_request | forbidden
 */
export async function allowHost(
  caller: Caller,
  environment: Environment,
  host: string,
): Promise<StoredPolicy> {
  await refusePorts([host]);
  const after = await dataFor(caller).mutation(api.networkPolicies.allowHost, { environment, host });
  networkChanged();
  return after;
}
