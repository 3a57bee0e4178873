"use client";

import { useId, useRef, useState } from "react";
import { useAction } from "#client/action.ts";
import { useGitConnections } from "#client/live-settings.ts";
import { importFiles, importRepository, type ImportedSkills } from "#client/skill-import.ts";
import { plural } from "#domain/plural.ts";
import { Button } from "../ui/button.tsx";
import { Card, CardHead } from "../ui/card.tsx";
import { Check, Field } from "../ui/field.tsx";
import { Notice } from "../ui/notice.tsx";
import { ActionProblem } from "../ui/problem-notice.tsx";
import { Choice } from "../ui/select.tsx";

/** Takes skills from an archive, from a folder of this machine, or from a repository. */
export function SkillImport() {
  const id = useId();
  const archive = useRef<HTMLInputElement>(null);
  const folder = useRef<HTMLInputElement>(null);
  const [replace, setReplace] = useState(false);
  const [result, setResult] = useState<ImportedSkills>();
  const importing = useAction(async (read: () => Promise<ImportedSkills>) => {
    setResult(undefined);
    setResult(await read());
  }, "Couldn't import the skills");
  const chosen = (input: HTMLInputElement) => {
    const files = [...(input.files ?? [])];
    // The same file can be chosen again.
    input.value = "";
    if (files.length > 0) importing.run(async () => await importFiles(files, replace));
  };
  return (
    <Card>
      <CardHead id={id} title="Import skills" />
      <div className="grid gap-3 p-3.5">
        <p className="text-ink-2">
          From a folder, a .zip, .tar or .tar.gz file, or a repository: every SKILL.md in it becomes a skill.
        </p>
        <input
          ref={archive}
          type="file"
          className="sr-only"
          aria-label="Archive of skills"
          tabIndex={-1}
          accept=".zip,.tar,.tgz,.tar.gz,application/zip,application/x-tar,application/gzip"
          onChange={(event) => chosen(event.currentTarget)}
        />
        <input
          ref={(element) => {
            folder.current = element;
            // React knows no such property.
            element?.setAttribute("webkitdirectory", "");
          }}
          type="file"
          multiple
          className="sr-only"
          aria-label="Folder of skills"
          tabIndex={-1}
          onChange={(event) => chosen(event.currentTarget)}
        />
        <div className="flex flex-wrap items-center gap-2">
          <Button off={importing.pending} onClick={() => archive.current?.click()}>
            Choose an archive
          </Button>
          <Button off={importing.pending} onClick={() => folder.current?.click()}>
            Choose a folder
          </Button>
          <label htmlFor={`${id}-replace`} className="ml-1 flex items-center gap-2 touch:min-h-11">
            <Check
              id={`${id}-replace`}
              type="checkbox"
              checked={replace}
              onChange={(event) => setReplace(event.target.checked)}
            />
            Replace skills of the same name
          </label>
        </div>
        <FromRepository
          off={importing.pending}
          onImport={(place) => importing.run(async () => await importRepository(place, replace))}
        />
        {importing.pending && <output>Importing …</output>}
        <ActionProblem failure={importing.failure} />
        {result && <Outcome result={result} />}
      </div>
    </Card>
  );
}

type Place = Parameters<typeof importRepository>[0];

/** Names a repository to import from; nothing, where the organization has no git connection. */
function FromRepository({ off, onImport }: { off: boolean; onImport: (place: Place) => void }) {
  const connections = useGitConnections() ?? [];
  const [typed, setTyped] = useState({ connection: "", url: "", ref: "" });
  const [asked, setAsked] = useState(false);
  const first = connections[0]?.slug;
  if (first === undefined) return null;
  const connection = typed.connection || first;
  const url = typed.url.trim();
  const ref = typed.ref.trim();
  return (
    <form
      className="grid grid-cols-[180px_minmax(0,1fr)_160px_auto] items-end gap-2 border-t border-line pt-3 max-md:grid-cols-1"
      onSubmit={(event) => {
        event.preventDefault();
        setAsked(true);
        if (url !== "") onImport({ connection, url, ...(ref !== "" && { ref }) });
      }}
    >
      <Choice
        label="Connection"
        value={connection}
        options={connections.map(({ slug, name }) => ({ value: slug, name: name || slug }))}
        onChange={(next) => setTyped({ ...typed, connection: next })}
      />
      <Field
        label="Repository"
        placeholder="acme/skills"
        value={typed.url}
        autoComplete="off"
        spellCheck={false}
        problem={asked && url === "" ? "Enter a repository." : undefined}
        onChange={(event) => setTyped({ ...typed, url: event.target.value })}
      />
      <Field
        label="Branch or tag"
        placeholder="Main branch"
        value={typed.ref}
        autoComplete="off"
        spellCheck={false}
        onChange={(event) => setTyped({ ...typed, ref: event.target.value })}
      />
      <Button type="submit" off={off}>
        Import
      </Button>
    </form>
  );
}

function Outcome({ result: { created, updated, skipped } }: { result: ImportedSkills }) {
  const count = (rows: readonly unknown[], done: string) =>
    rows.length > 0 ? [`${rows.length} ${plural(rows.length, "skill", "skills")} ${done}`] : [];
  const said = [...count(created, "added"), ...count(updated, "replaced"), ...count(skipped, "left out")];
  return (
    <Notice tone={skipped.length > 0 ? "warning" : "done"} title={`${said.join(", ")}.`}>
      {skipped.length > 0 && (
        <ul className="grid gap-1">
          {skipped.map(({ path, reason }, index) => (
            // An archive can have a path twice.
            <li key={`${index} ${path}`}>
              <span className="fact wrap-anywhere">{path}</span>: {reason}
            </li>
          ))}
        </ul>
      )}
    </Notice>
  );
}
