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
import { Versions } from "../common/versions.tsx";
import { PageHead } from "../settings/page-head.tsx";
import { ViewOnly } from "../settings/view-only.tsx";
import { ButtonLink } from "../ui/button.tsx";
import { Live } from "../ui/live.tsx";
import { Loading } from "../ui/loaded.tsx";
import { Notice } from "../ui/notice.tsx";
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
        <DefinitionVersions
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
function DefinitionVersions({
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
  const restore = useAction(
    async (version: number) =>
      await restoreDefinition(environment, { ...name, version, base_revision: revision }),
    "Couldn't restore the version",
  );
  return (
    <Versions
      pages={pages}
      restore={restore}
      typed={environment === "production" ? "production" : undefined}
      versionOf={(row) => ({
        number: row.number,
        isCurrent: row.number === current,
        mayRestore: mayChange && row.number !== current && !row.isDeletion,
        facts: <Facts row={row} />,
        changes: <Changes environment={environment} name={name} number={row.number} />,
      })}
    >
      It becomes again what it was then, in {environment}, as a new version.
    </Versions>
  );
}

function Facts({ row }: { row: VersionRow }) {
  return (
    <>
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
    </>
  );
}

interface VersionOf {
  environment: Environment;
  name: ProjectName;
  number: number;
}

/** What a version changed, which is asked for once somebody wants to see it. */
function Changes(version: VersionOf) {
  const [isOpen, setOpen] = useState(false);
  return (
    <details className="mt-0.5" onToggle={({ currentTarget }) => setOpen(currentTarget.open)}>
      <summary className="w-fit cursor-pointer text-small text-ink-2">What it changed</summary>
      <div className="mt-2">{isOpen && <VersionChange {...version} />}</div>
    </details>
  );
}

function VersionChange({ environment, name, number }: VersionOf) {
  const found = useDefinitionVersion(environment, name, number);
  if (!found) return <Loading>Loading the version</Loading>;
  return <Differences before={found.before} after={found.definition} />;
}
