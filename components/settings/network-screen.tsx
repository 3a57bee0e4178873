"use client";

import { ENVIRONMENTS } from "#domain/catalog.ts";
import type { NetworkPolicies } from "#domain/network.ts";
import { NetworkCard } from "./network-card.tsx";
import { PageHead } from "./page-head.tsx";
import { ViewOnly } from "./view-only.tsx";

/** How far sandboxes may reach, per environment. */
export function NetworkScreen({
  policies,
  ports,
  disabledReason,
}: {
  policies: NetworkPolicies;
  /** Whether the sandbox service can hold a host to one port. */
  ports: boolean;
  /** Why the reader may change nothing; undefined where they may. */
  disabledReason: string | undefined;
}) {
  return (
    <>
      <PageHead title="Network">
        What sandboxes can connect to. Studio and the project's data are always reachable, private networks
        never. Running sandboxes follow a change within seconds.
      </PageHead>
      <div className="grid gap-4">
        <ViewOnly why={disabledReason} />
        {ENVIRONMENTS.map((environment) => (
          <NetworkCard
            key={environment}
            environment={environment}
            policy={policies[environment]}
            ports={ports}
            off={disabledReason !== undefined}
          />
        ))}
      </div>
    </>
  );
}
