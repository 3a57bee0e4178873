"use client";

import { useState } from "react";
import { useAction } from "#client/action.ts";
import { type DefinitionDraft, useDefinitionDraft } from "#client/definition-draft.ts";
import { type DefinitionText, putDefinition } from "#client/project.ts";
import type { Environment } from "#domain/catalog.ts";
import type { ProjectKind } from "#domain/project/kinds.ts";
import { plural } from "#domain/plural.ts";
import { Button } from "../ui/button.tsx";
import { Card, CardHead } from "../ui/card.tsx";
import { Confirm } from "../ui/dialog.tsx";
import { Notice } from "../ui/notice.tsx";
import { ActionProblem } from "../ui/problem-notice.tsx";
import { Segments } from "../ui/segments.tsx";
import { AgentFields } from "./agent-fields.tsx";
import { DefinitionCode } from "./definition-code.tsx";
import { ThreeWayTable } from "./differences.tsx";
import { EntityTypeFields } from "./entity-type-fields.tsx";
import { FileFields } from "./file-fields.tsx";
import { RoleFields } from "./role-fields.tsx";
import { sectionOf } from "./sections.ts";
import { INITIAL } from "./initial.ts";
import { TriggerFields } from "./trigger-fields.tsx";

interface Shown {
  environment: Environment;
  kind: ProjectKind;
  /** Null for a new one. */
  slug: string | null;
  live: DefinitionText | null;
  readOnly: boolean;
  onSaved: (slug: string) => void;
  onCancel?: () => void;
}

/** A definition as a form and as code, with what is wrong with it, and the way to keep it. */
export function DefinitionEditor({ environment, kind, slug, live, readOnly, onSaved, onCancel }: Shown) {
  const section = sectionOf(kind);
  const [view, setView] = useState<"form" | "code">("form");
  const [isAsked, setAsked] = useState<"save" | "delete">();
  const draft = useDefinitionDraft({
    environment,
    kind,
    slug,
    live,
    initial: INITIAL[kind],
    readOnly,
    onSaved,
  });
  const removing = useAction(async () => {
    if (slug !== null && live)
      await putDefinition(environment, { kind, slug, definition: null, base_revision: live.revision });
  }, `Couldn't delete the ${section.one}`);
  const isProduction = environment === "production";
  const save = () => {
    if (draft.hindrance !== null) return;
    if (isProduction) setAsked("save");
    else draft.save.run();
  };
  if (slug !== null && live?.definition === null && !draft.dirty) return null;
  return (
    <Card aria-labelledby="definition">
      <CardHead id="definition" title={slug === null ? `New ${section.one}` : "Definition"}>
        {kind !== "file" && (
          <Segments
            label="Shown as"
            className="ml-auto"
            value={view}
            onChange={setView}
            items={[
              { value: "form", name: "Form" },
              { value: "code", name: "Code" },
            ]}
          />
        )}
      </CardHead>
      <div className="grid grid-cols-[minmax(0,1fr)] gap-4 p-3.5">
        <Moved draft={draft} />
        {view === "form" || kind === "file" ? (
          <Fields draft={draft} environment={environment} onSave={save} />
        ) : (
          <DefinitionCode draft={draft} onSave={save} />
        )}
        {!readOnly && (
          <>
            <Faults draft={draft} />
            <ActionProblem failure={draft.save.failure} />
            <ActionProblem failure={removing.failure} />
            <div className="flex flex-wrap items-center gap-2">
              <Button
                look="primary"
                off={draft.hindrance !== null}
                title={draft.hindrance ?? undefined}
                action={{ pending: draft.save.pending, run: save }}
                busy="Saving"
              >
                {slug === null ? `Add ${section.one}` : `Save to ${environment}`}
              </Button>
              {onCancel && (
                <Button look="quiet" onClick={onCancel}>
                  Cancel
                </Button>
              )}
              {slug !== null && draft.dirty && (
                <Button look="quiet" onClick={draft.takeTheirs}>
                  Discard changes
                </Button>
              )}
              {slug !== null && live?.definition !== null && (
                <Button
                  look="danger"
                  className="ml-auto"
                  action={{ pending: removing.pending, run: () => setAsked("delete") }}
                >
                  Delete
                </Button>
              )}
            </div>
          </>
        )}
      </div>
      <Confirm
        open={isAsked !== undefined}
        onClose={() => setAsked(undefined)}
        title={isAsked === "delete" ? `Delete this ${section.one}?` : "Change production?"}
        confirm={isAsked === "delete" ? "Delete" : "Save to production"}
        cancel="Cancel"
        typed={isProduction ? "production" : undefined}
        onConfirm={() => (isAsked === "delete" ? removing.run() : draft.save.run())}
      >
        {isAsked === "delete"
          ? `It is deleted in ${environment} alone. Its versions stay, and can be restored.`
          : "It counts at once. The change can be taken back in History."}
      </Confirm>
    </Card>
  );
}

function Fields({
  draft,
  environment,
  onSave,
}: {
  draft: DefinitionDraft;
  environment: Environment;
  onSave: () => void;
}) {
  switch (draft.kind) {
    case "agent":
      return <AgentFields draft={draft} />;
    case "entityType":
      return <EntityTypeFields draft={draft} environment={environment} onSave={onSave} />;
    case "role":
      return <RoleFields draft={draft} environment={environment} />;
    case "trigger":
      return <TriggerFields draft={draft} environment={environment} />;
    case "file":
      return <FileFields draft={draft} onSave={onSave} />;
  }
}

/** Everything that is wrong with what was typed, each with its path. */
function Faults({ draft: { faults, dirty } }: { draft: DefinitionDraft }) {
  if (!dirty || !faults || faults.length === 0) return null;
  return (
    <Notice
      tone="warning"
      title={`${faults.length} ${plural(faults.length, "problem", "problems")} to solve before it can be saved`}
    >
      <ul className="mt-1 grid gap-0.5">
        {faults.slice(0, 20).map(({ path, message }) => (
          <li key={`${path} ${message}`}>
            {path !== "" && <span className="fact text-ink">{path}</span>} {message}
          </li>
        ))}
      </ul>
    </Notice>
  );
}

/** What somebody else changed while this was edited, and the ways on. */
function Moved({ draft: { moved, keepMine, takeTheirs } }: { draft: DefinitionDraft }) {
  if (!moved) return null;
  return (
    <Notice
      tone="warning"
      alert
      title={
        moved.isDeleted
          ? "Somebody deleted it while you edited it"
          : "Somebody changed it while you edited it"
      }
      actions={
        <>
          <Button size="sm" onClick={keepMine}>
            {moved.isDeleted ? "Keep mine, and add it again" : "Combine both, mine first"}
          </Button>
          <Button size="sm" onClick={takeTheirs}>
            Drop my changes
          </Button>
        </>
      }
    >
      <p className="mb-2">
        Nothing was overwritten. These are the fields that both of you, or one of you, changed.
      </p>
      <ThreeWayTable fields={moved.fields} names={{ ours: "Yours", theirs: "Theirs" }} />
    </Notice>
  );
}
