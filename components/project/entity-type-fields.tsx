"use client";

import { useState } from "react";
import type { DefinitionDraft } from "#client/definition-draft.ts";
import { useProjectNames } from "#client/project.ts";
import type { Environment } from "#domain/catalog.ts";
import { isRecord } from "#domain/project/paths.ts";
import { FieldNote } from "../ui/field.tsx";
import { Segments } from "../ui/segments.tsx";
import { Choice } from "../ui/select.tsx";
import { CodeEditor, codeFrameClass } from "./definition-code.tsx";
import { changed, listAt, pairClass, recordAt, textAt, TextPart, tripleClass } from "./parts.tsx";
import { NamesPart, optionsWith } from "./row-parts.tsx";
import { SchemaRows } from "./schema-rows.tsx";

const DISPLAY = [
  ["titleField", "Title of a record"],
  ["subtitleField", "Subtitle"],
  ["descriptionField", "Description"],
] as const;

/** An entity type's fields, and how its records are shown and found. */
export function EntityTypeFields({
  draft,
  environment,
  onSave,
}: {
  draft: DefinitionDraft;
  environment: Environment;
  onSave: () => void;
}) {
  const { value, readOnly } = draft;
  const names = useProjectNames(environment)?.definitions ?? [];
  const slugs = (kind: string) => names.filter((one) => one.kind === kind).map(({ slug }) => slug);
  const schema = recordAt(value, "schema");
  const fields = Object.keys(isRecord(schema.properties) ? schema.properties : {});
  const display = recordAt(value, "displayConfig");
  const search = listAt<string>(value, "searchFields");
  const bound = textAt(value, "boundToRole");
  const choice = (current: string, options: readonly string[], none: string) => [
    { value: "", name: none },
    ...optionsWith(current, options),
  ];
  return (
    <div className="grid grid-cols-[minmax(0,1fr)] gap-4">
      <div className={pairClass}>
        <TextPart draft={draft} name="name" label="Name" />
        <TextPart draft={draft} name="slug" label="Slug" fact hint="Other definitions refer to it by this." />
      </div>
      <SchemaPart draft={draft} types={slugs("entityType")} onSave={onSave} />
      <div className={tripleClass}>
        {DISPLAY.map(([name, label]) => (
          <Choice
            key={name}
            label={label}
            disabled={readOnly}
            value={textAt(display, name)}
            problem={draft.problemAt(`displayConfig.${name}`)}
            options={choice(textAt(display, name), fields, "Not set")}
            onChange={(field) => {
              const next = changed(display, { [name]: field === "" ? undefined : field });
              draft.set({ displayConfig: Object.keys(next).length > 0 ? next : undefined });
            }}
          />
        ))}
      </div>
      <NamesPart
        legend={<legend className="font-medium">Searched fields</legend>}
        names={fields}
        chosen={search}
        onChange={(searchFields) => draft.set({ searchFields })}
        readOnly={readOnly}
        problem={draft.problemAt("searchFields")}
      />
      <div className={pairClass}>
        <Choice
          label="A record stands for a member of the role"
          disabled={readOnly}
          value={bound}
          problem={draft.problemAt("boundToRole")}
          options={choice(bound, slugs("role"), "No role")}
          onChange={(role) =>
            draft.set({
              boundToRole: role === "" ? undefined : role,
              ...(role === "" && { userIdField: undefined }),
            })
          }
        />
        {bound !== "" && (
          <Choice
            label="Its field with the user's id"
            disabled={readOnly}
            value={textAt(value, "userIdField")}
            problem={draft.problemAt("userIdField")}
            options={choice(textAt(value, "userIdField"), fields, "userId, the default")}
            onChange={(field) => draft.set({ userIdField: field === "" ? undefined : field })}
          />
        )}
      </div>
    </div>
  );
}

/** The fields of a record as rows or as JSON Schema; each shows what was changed in the other. */
function SchemaPart({
  draft,
  types,
  onSave,
}: {
  draft: DefinitionDraft;
  types: readonly string[];
  onSave: () => void;
}) {
  const [view, setView] = useState<"fields" | "schema">("fields");
  const schema = recordAt(draft.value, "schema");
  return (
    <section aria-labelledby="schema" className="grid grid-cols-[minmax(0,1fr)] gap-2">
      <div className="flex flex-wrap items-center gap-2">
        <h3 id="schema" className="text-base font-semibold">
          Fields
        </h3>
        <Segments
          label="Fields shown as"
          className="ml-auto"
          value={view}
          onChange={setView}
          items={[
            { value: "fields", name: "Fields" },
            { value: "schema", name: "JSON Schema" },
          ]}
        />
      </div>
      {view === "fields" ? (
        <SchemaRows
          schema={schema}
          onChange={(next) => draft.set({ schema: next })}
          readOnly={draft.readOnly}
          types={types}
        />
      ) : (
        <SchemaText draft={draft} schema={schema} onSave={onSave} />
      )}
      <FieldNote id="schema-note" problem={draft.problemAt("schema")} />
    </section>
  );
}

function SchemaText({
  draft,
  schema,
  onSave,
}: {
  draft: DefinitionDraft;
  schema: Record<string, unknown>;
  onSave: () => void;
}) {
  const [state, setState] = useState(() => ({ of: schema, text: JSON.stringify(schema, null, 2) }));
  const [problem, setProblem] = useState<string>();
  if (state.of !== schema) {
    setState({ of: schema, text: JSON.stringify(schema, null, 2) });
    setProblem(undefined);
  }
  const typed = (text: string) => {
    let next: unknown;
    try {
      next = JSON.parse(text);
    } catch (error) {
      setState({ ...state, text });
      setProblem(error instanceof Error ? error.message : "This isn't JSON.");
      draft.block("The JSON Schema can't be read");
      return;
    }
    setProblem(undefined);
    draft.block(null);
    const isObject = isRecord(next);
    setState({ of: isObject ? (next as Record<string, unknown>) : schema, text });
    if (isObject) draft.set({ schema: next });
    else {
      setProblem("The schema of a record is an object.");
      draft.block("The JSON Schema can't be read");
    }
  };
  return (
    <>
      <div className={codeFrameClass}>
        <CodeEditor
          path="schema.json"
          text={state.text}
          readOnly={draft.readOnly}
          onChange={typed}
          onSave={onSave}
        />
      </div>
      <FieldNote id="schema-text-note" problem={problem} />
    </>
  );
}
