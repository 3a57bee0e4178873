import type { Metadata } from "next";
import { NetworkScreen } from "#components/settings/network-screen.tsx";
import { roleAtLeast } from "#domain/roles.ts";
import { readPolicies, servicePorts } from "#server/settings/network.ts";
import { pageMember } from "../../member.ts";

export const metadata: Metadata = { title: "Network" };

export default async function NetworkPage() {
  const { member } = await pageMember("/settings/network");
  const [policies, ports] = await Promise.all([readPolicies(member), servicePorts()]);
  return (
    <NetworkScreen
      policies={policies}
      ports={ports}
      disabledReason={
        roleAtLeast(member.role, "admin")
          ? undefined
          : `Only admins can change these; you're a ${member.role}.`
      }
    />
  );
}
