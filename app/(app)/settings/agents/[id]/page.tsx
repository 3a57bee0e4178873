import type { Metadata } from "next";
import { AgentScreen } from "#components/settings/agent-screen.tsx";
import { roleAtLeast } from "#domain/roles.ts";
import { meansOf, offeredModels } from "#server/catalog.ts";
import { pageMember } from "../../../member.ts";

export const metadata: Metadata = { title: "Agent" };

export default async function AgentPage({ params }: { params: Promise<{ id: string }> }) {
  const { id } = await params;
  const { member, organization } = await pageMember(`/settings/agents/${encodeURIComponent(id)}`);
  return (
    <AgentScreen
      agentId={id}
      seesCosts={roleAtLeast(member.role, "member")}
      organization={organization.name}
      models={offeredModels(await meansOf(member))}
      disabledReason={
        roleAtLeast(member.role, "admin")
          ? undefined
          : `Only admins can change agents; you're a ${member.role}.`
      }
    />
  );
}
