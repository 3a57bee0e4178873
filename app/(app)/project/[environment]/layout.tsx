import { notFound } from "next/navigation";
import type { ReactNode } from "react";
import { ProjectHeader } from "#components/project/project-header.tsx";
import { PageMain } from "#components/ui/page-frame.tsx";
import { ENVIRONMENTS } from "#domain/catalog.ts";
import { visitor } from "../../member.ts";

export default async function ProjectLayout({
  params,
  children,
}: {
  params: Promise<{ environment: string }>;
  children: ReactNode;
}) {
  const { environment: named } = await params;
  const environment = ENVIRONMENTS.find((one) => one === named);
  if (!environment) notFound();
  const { who } = await visitor();
  return (
    <PageMain>
      <ProjectHeader organization={who?.organization?.name ?? ""} environment={environment} />
      <div className="min-h-0 flex-1 overflow-auto px-6 pt-5 pb-8 max-sm:px-3 max-sm:pt-4 max-sm:pb-6">
        <div className="max-w-[1184px]">{children}</div>
      </div>
    </PageMain>
  );
}
