import type { Metadata } from "next";
import { notFound } from "next/navigation";
import { DefinitionList } from "#components/project/definition-list.tsx";
import { EnvironmentsScreen } from "#components/project/environments-screen.tsx";
import { GraphScreen } from "#components/project/graph-screen.tsx";
import { HistoryScreen } from "#components/project/history-screen.tsx";
import { SECTIONS } from "#components/project/sections.ts";
import { projectMember } from "../../member.ts";

export const metadata: Metadata = { title: "Project" };

export default async function ProjectSectionPage({
  params,
}: {
  params: Promise<{ environment: string; section: string }>;
}) {
  const { environment: named, section } = await params;
  const { environment, reasons } = await projectMember(named, section);
  const disabledReason = reasons[environment];
  if (section === "graph") return <GraphScreen environment={environment} />;
  if (section === "history")
    return <HistoryScreen environment={environment} disabledReason={disabledReason} />;
  if (section === "environments") return <EnvironmentsScreen reasons={reasons} />;
  const kind = SECTIONS.find(({ path }) => path === section)?.kind;
  if (!kind) notFound();
  return (
    <DefinitionList
      key={`${environment} ${kind}`}
      environment={environment}
      kind={kind}
      disabledReason={disabledReason}
    />
  );
}
