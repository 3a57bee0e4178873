"use client";

import Link from "next/link";
import { useRouter } from "next/navigation";
import { useState } from "react";
import { type DefinitionRow, useDefinitions } from "#client/project.ts";
import { useFormat } from "#client/locale.tsx";
import type { Environment } from "#domain/catalog.ts";
import type { ProjectKind } from "#domain/project/kinds.ts";
import { Button } from "../ui/button.tsx";
import { Card, Empty } from "../ui/card.tsx";
import { type Column, DataTable } from "../ui/data-table.tsx";
import { Live } from "../ui/live.tsx";
import { MoreRows } from "../ui/more-rows.tsx";
import { PageHead } from "../settings/page-head.tsx";
import { ViewOnly } from "../settings/view-only.tsx";
import { DefinitionEditor } from "./definition-editor.tsx";
import { definitionHref, type Section, sectionOf } from "./sections.ts";

interface Shown {
  environment: Environment;
  kind: ProjectKind;
  disabledReason: string | undefined;
}

/** The definitions of a kind, and the way to a new one. */
export function DefinitionList(props: Shown) {
  const section = sectionOf(props.kind);
  return (
    <Live
      refused={`Couldn't load the ${section.other}`}
      meanwhile="the project is kept"
      head={<PageHead title={section.name}>{section.about}</PageHead>}
    >
      <List {...props} section={section} />
    </Live>
  );
}

function List({ environment, kind, disabledReason, section }: Shown & { section: Section }) {
  const pages = useDefinitions(environment, kind);
  const router = useRouter();
  const f = useFormat();
  const [isAdding, setAdding] = useState(false);
  const columns: Column<DefinitionRow>[] = [
    {
      name: section.one === "role" ? "Role" : section.one.charAt(0).toUpperCase() + section.one.slice(1),
      isRowName: true,
      className: "max-w-[420px] max-sm:w-full",
      render: ({ slug, name, description }) => (
        <>
          <Link className="link font-medium wrap-anywhere" href={definitionHref(environment, kind, slug)}>
            {name === "" ? slug : name}
          </Link>
          {description !== "" && (
            <span className="line-clamp-2 text-small wrap-anywhere text-ink-3">{description}</span>
          )}
        </>
      ),
    },
    ...(kind === "role" || kind === "file"
      ? []
      : [
          {
            name: "Slug",
            className: "fact wrap-anywhere",
            render: ({ slug }: DefinitionRow) => slug,
          },
        ]),
    {
      name: "Version",
      num: true,
      render: ({ number }) => (
        <>
          <span className="sr-only sm:hidden">Version </span>
          {f.count(number)}
        </>
      ),
    },
    { name: "Size", num: true, hideBelow: "sm", render: ({ bytes }) => f.bytes(bytes) },
  ];
  const isEmpty = pages.rows.length === 0 && !pages.loading;
  return (
    <>
      <PageHead
        title={section.name}
        actions={
          disabledReason === undefined &&
          !isAdding && (
            <Button look="primary" onClick={() => setAdding(true)}>
              New {section.one}
            </Button>
          )
        }
      >
        {section.about}
      </PageHead>
      <div className="grid grid-cols-[minmax(0,1fr)] gap-5">
        <ViewOnly why={disabledReason} />
        {isAdding && (
          <DefinitionEditor
            environment={environment}
            kind={kind}
            slug={null}
            live={null}
            readOnly={false}
            onCancel={() => setAdding(false)}
            onSaved={(slug) => router.push(definitionHref(environment, kind, slug))}
          />
        )}
        {isEmpty ? (
          <Empty card title={`No ${section.other} in ${environment}`}>
            Add one here, ask the agent in Studio for it, or push it with struere.
          </Empty>
        ) : (
          <Card>
            <DataTable
              caption={`${section.name} in ${environment}, by name`}
              stack
              busy={pages.loading}
              columns={columns}
              rows={pages.rows}
              rowKey={({ slug }) => slug}
            />
            <MoreRows pages={pages} names={section} />
          </Card>
        )}
      </div>
    </>
  );
}
