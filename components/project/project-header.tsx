"use client";

import Link from "next/link";
import { usePathname } from "next/navigation";
import { useProjectHead } from "#client/project.ts";
import { type Environment, ENVIRONMENTS } from "#domain/catalog.ts";
import { ErrorBoundary } from "../ui/error-boundary.tsx";
import { Count } from "../ui/chip.tsx";
import { crumbHereClass, PageTop } from "../ui/page-frame.tsx";
import { segmentClass, segmentsClass } from "../ui/segments.tsx";
import { tabBarClass, tabClass } from "../ui/tabs.tsx";
import { SECTIONS, VIEWS } from "./sections.ts";

function Counted({
  environment,
  kind,
}: {
  environment: Environment;
  kind: (typeof SECTIONS)[number]["kind"];
}) {
  const count = useProjectHead(environment)?.counts[kind];
  return count ? <Count>{count}</Count> : null;
}

/** Where one is in the project, in which environment, and where else one can go. */
export function ProjectHeader({
  organization,
  environment,
}: {
  organization: string;
  environment: Environment;
}) {
  const section = usePathname().split("/")[3] ?? "";
  const pages = [...SECTIONS, ...VIEWS];
  const here = pages.find(({ path }) => path === section);
  return (
    <>
      <PageTop
        above={[
          { name: organization, hiddenOnPhone: true },
          { name: "Project", href: `/project/${environment}/agents`, hiddenOnPhone: true },
        ]}
        end={
          <nav className={`${segmentsClass} ml-auto`} aria-label="Environment">
            {ENVIRONMENTS.map((one) => (
              <Link
                key={one}
                className={`${segmentClass} aria-[current=true]:bg-raised aria-[current=true]:text-ink aria-[current=true]:ring aria-[current=true]:ring-line-strong`}
                href={`/project/${one}/${here?.path ?? "agents"}`}
                aria-current={one === environment ? "true" : undefined}
              >
                {one}
              </Link>
            ))}
          </nav>
        }
      >
        <span aria-current="page" className={crumbHereClass}>
          {here?.name}
        </span>
      </PageTop>
      <nav className={tabBarClass} aria-label="Project">
        {pages.map(({ path, name, ...rest }) => (
          <Link
            key={path}
            className={tabClass}
            href={`/project/${environment}/${path}`}
            aria-current={here?.path === path ? "page" : undefined}
          >
            {name}
            {"kind" in rest && (
              <ErrorBoundary fallback={null}>
                <Counted environment={environment} kind={rest.kind} />
              </ErrorBoundary>
            )}
          </Link>
        ))}
      </nav>
    </>
  );
}
