import type { Metadata } from "next";
import { AgentsScreen } from "#components/settings/agents-screen.tsx";
import { roleAtLeast } from "#domain/roles.ts";
import { meansOf, offeredModels } from "#server/catalog.ts";
import { pageMember } from "../../member.ts";

export const metadata: Metadata = { title: "Agents" };

export default async function AgentsPage() {
  const { member, organization } = await pageMember("/settings/agents");
  return (
    <AgentsScreen
      organization={organization.name}
      models={offeredModels(await meansOf(member))}
      disabledReason={
        roleAtLeast(member.role, "admin")
          ? undefined
          : `Only admins can add, change, and delete agents; you're a ${member.role}.`
      }
    />
  );
}
