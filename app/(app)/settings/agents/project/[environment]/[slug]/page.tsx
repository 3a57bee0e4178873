import type { Metadata } from "next";
import { notFound } from "next/navigation";
import { ProjectAgentScreen } from "#components/settings/project-agent-screen.tsx";
import { ENVIRONMENTS } from "#domain/catalog.ts";
import { roleAtLeast } from "#domain/roles.ts";
import { meansOf, offeredModels } from "#server/catalog.ts";
import { pageMember } from "../../../../../member.ts";

export const metadata: Metadata = { title: "Project agent" };

export default async function ProjectAgentPage({
  params,
}: {
  params: Promise<{ environment: string; slug: string }>;
}) {
  const { environment: named, slug } = await params;
  const environment = ENVIRONMENTS.find((one) => one === named);
  if (!environment) notFound();
  const path = `/settings/agents/project/${environment}/${slug}`;
  const { member, organization } = await pageMember(path);
  return (
    <ProjectAgentScreen
      environment={environment}
      slug={decodeURIComponent(slug)}
      models={offeredModels(await meansOf(member))}
      who={{
        organizationName: organization.name,
        organizationId: member.organizationId,
        userId: member.userId,
      }}
      disabledReason={
        roleAtLeast(member.role, "member")
          ? undefined
          : `Only members can talk to agents; you're a ${member.role}.`
      }
    />
  );
}
