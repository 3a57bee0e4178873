"use client";

import { useRouter } from "next/navigation";
import { useState } from "react";
import { useAction } from "#client/action.ts";
import {
  parsedDefinition,
  restoreDefinition,
  useDefinition,
  useDefinitionVersion,
  useDefinitionVersions,
  type VersionRow,
} from "#client/project.ts";
import type { Environment } from "#domain/catalog.ts";
import type { ProjectKind, ProjectName } from "#domain/project/kinds.ts";
import { Ago } from "../common/ago.tsx";
import { PageHead } from "../settings/page-head.tsx";
import { ViewOnly } from "../settings/view-only.tsx";
import { Button, ButtonLink } from "../ui/button.tsx";
import { Card, CardHead } from "../ui/card.tsx";
import { Confirm } from "../ui/dialog.tsx";
import { Live } from "../ui/live.tsx";
import { Loading } from "../ui/loaded.tsx";
import { MoreRows } from "../ui/more-rows.tsx";
import { Notice } from "../ui/notice.tsx";
import { ActionProblem } from "../ui/problem-notice.tsx";
import { DefinitionEditor } from "./definition-editor.tsx";
import { Differences } from "./differences.tsx";
import { definitionHref, sectionOf } from "./sections.ts";
import { authorText, sourceText } from "./words.ts";

interface Shown {
  environment: Environment;
  kind: ProjectKind;
  slug: string;
  disabledReason: string | undefined;
}

/** One definition of the project: what it is, and what it was. */
export function DefinitionScreen(props: Shown) {
  const section = sectionOf(props.kind);
  return (
    <Live
      refused={`Couldn't load the ${section.one}`}
      meanwhile="the project is kept"
      head={<PageHead title={props.slug}>It may never have been in {props.environment}.</PageHead>}
    >
      <Found {...props} />
    </Live>
  );
}

function Found({ environment, kind, slug, disabledReason }: Shown) {
  const section = sectionOf(kind);
  const router = useRouter();
  const live = useDefinition(environment, { kind, slug });
  const value = parsedDefinition(live?.definition ?? null);
  // What is typed must not go with a definition that somebody else deletes.
  const [wasThere, setWasThere] = useState(false);
  if (value && !wasThere) setWasThere(true);
  if (!live) return <Loading>{`Loading the ${section.one}`}</Loading>;
  const title = typeof value?.name === "string" && value.name !== "" ? value.name : slug;
  const isDeleted = live.definition === null;
  return (
    <>
      <PageHead
        title={title}
        actions={
          kind === "agent" &&
          !isDeleted && (
            <ButtonLink href={`/settings/agents/project/${environment}/${encodeURIComponent(slug)}`}>
              Try it
            </ButtonLink>
          )
        }
      >
        <span className="fact wrap-anywhere">{slug}</span>, {section.one} in {environment}, version{" "}
        <span className="fact">{live.number}</span>
      </PageHead>
      <div className="grid grid-cols-[minmax(0,1fr)] gap-5">
        <ViewOnly why={disabledReason} />
        {isDeleted && (
          <Notice tone="warning" title={`This ${section.one} was deleted in ${environment}`}>
            <p>Restore one of its versions below to have it again.</p>
          </Notice>
        )}
        {!isDeleted && value === null && (
          <Notice tone="error" title="This definition can't be read">
            <p>Restore an earlier version, or push the project again.</p>
          </Notice>
        )}
        {(value || wasThere) && (
          <DefinitionEditor
            environment={environment}
            kind={kind}
            slug={slug}
            live={live}
            readOnly={disabledReason !== undefined}
            onSaved={(named) => {
              if (named !== "" && named !== slug) router.replace(definitionHref(environment, kind, named));
            }}
          />
        )}
        <Versions
          environment={environment}
          name={{ kind, slug }}
          revision={live.revision}
          current={isDeleted ? null : live.number}
          mayChange={disabledReason === undefined}
        />
      </div>
    </>
  );
}

/** What a definition was, version by version, and the way back to each. */
function Versions({
  environment,
  name,
  revision,
  current,
  mayChange,
}: {
  environment: Environment;
  name: ProjectName;
  revision: number;
  /** Null where it is deleted. */
  current: number | null;
  mayChange: boolean;
}) {
  const pages = useDefinitionVersions(environment, name);
  const [asked, setAsked] = useState<number>();
  const restore = useAction(
    async (version: number) =>
      await restoreDefinition(environment, { ...name, version, base_revision: revision }),
    "Couldn't restore the version",
  );
  return (
    <Card aria-labelledby="versions">
      <CardHead id="versions" title="Versions" />
      <ActionProblem failure={restore.failure} />
      <ol aria-label="Versions" aria-busy={pages.loading}>
        {pages.rows.map((row) => (
          <Version
            key={row.number}
            environment={environment}
            name={name}
            row={row}
            isCurrent={row.number === current}
            onRestore={
              mayChange && row.number !== current && !row.isDeletion ? () => setAsked(row.number) : undefined
            }
            pending={restore.pending}
          />
        ))}
      </ol>
      <MoreRows pages={pages} names={{ one: "version", other: "versions" }} />
      <Confirm
        open={asked !== undefined}
        onClose={() => setAsked(undefined)}
        title={`Restore version ${asked ?? ""}?`}
        confirm="Restore version"
        cancel="Cancel"
        typed={environment === "production" ? "production" : undefined}
        onConfirm={() => asked !== undefined && restore.run(asked)}
      >
        It becomes again what it was then, in {environment}, as a new version.
      </Confirm>
    </Card>
  );
}

function Version({
  environment,
  name,
  row,
  isCurrent,
  onRestore,
  pending,
}: {
  environment: Environment;
  name: ProjectName;
  row: VersionRow;
  isCurrent: boolean;
  onRestore: (() => void) | undefined;
  pending: boolean;
}) {
  const [isOpen, setOpen] = useState(false);
  return (
    <li className="border-b border-line px-3.5 py-2">
      <div className="flex flex-wrap items-baseline gap-x-2 gap-y-1">
        <span className="font-medium">Version {row.number}</span>
        {isCurrent && <span className="text-small text-ink-2">current</span>}
        {row.isDeletion && <span className="text-small text-danger">deleted</span>}
        {row.restoredFrom !== null && (
          <span className="text-small text-ink-2">restored version {row.restoredFrom}</span>
        )}
        <span className="text-small text-ink-3">
          {authorText(row.authorName)}
          {row.source !== null && `, ${sourceText(row.source)}`}
          {row.at !== null && (
            <>
              , <Ago at={row.at} />
            </>
          )}
        </span>
        {onRestore && (
          <Button
            size="sm"
            className="ml-auto"
            aria-label={`Restore version ${row.number}`}
            action={{ pending, run: onRestore }}
          >
            Restore
          </Button>
        )}
      </div>
      <details className="mt-0.5" onToggle={({ currentTarget }) => setOpen(currentTarget.open)}>
        <summary className="w-fit cursor-pointer text-small text-ink-2">What it changed</summary>
        <div className="mt-2">
          {isOpen && <VersionChange environment={environment} name={name} number={row.number} />}
        </div>
      </details>
    </li>
  );
}

function VersionChange({
  environment,
  name,
  number,
}: {
  environment: Environment;
  name: ProjectName;
  number: number;
}) {
  const found = useDefinitionVersion(environment, name, number);
  if (!found) return <Loading>Loading the version</Loading>;
  return <Differences before={found.before} after={found.definition} />;
}
