import type { Metadata } from "next";
import { notFound } from "next/navigation";
import { DefinitionScreen } from "#components/project/definition-screen.tsx";
import { SECTIONS } from "#components/project/sections.ts";
import { projectMember } from "../../../member.ts";

export const metadata: Metadata = { title: "Project" };

export default async function DefinitionPage({
  params,
}: {
  params: Promise<{ environment: string; section: string; name: string[] }>;
}) {
  const { environment: named, section, name } = await params;
  const { environment, reasons } = await projectMember(named, `${section}/${name.join("/")}`);
  const kind = SECTIONS.find(({ path }) => path === section)?.kind;
  if (!kind) notFound();
  const slug = name.map(decodeURIComponent).join("/");
  return (
    <DefinitionScreen
      key={`${environment} ${kind} ${slug}`}
      environment={environment}
      kind={kind}
      slug={slug}
      disabledReason={reasons[environment]}
    />
  );
}
