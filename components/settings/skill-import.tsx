"use client";

import { useId, useRef, useState } from "react";
import { useAction } from "#client/action.ts";
import { importFiles, type ImportedSkills } from "#client/skill-import.ts";
import { plural } from "#domain/plural.ts";
import { Button } from "../ui/button.tsx";
import { Card, CardHead } from "../ui/card.tsx";
import { Check } from "../ui/field.tsx";
import { Notice } from "../ui/notice.tsx";
import { ActionProblem } from "../ui/problem-notice.tsx";

/** Takes skills from an archive, or from a folder of this machine. */
export function SkillImport() {
  const id = useId();
  const archive = useRef<HTMLInputElement>(null);
  const folder = useRef<HTMLInputElement>(null);
  const [replace, setReplace] = useState(false);
  const [result, setResult] = useState<ImportedSkills>();
  const importing = useAction(async (files: File[]) => {
    setResult(undefined);
    setResult(await importFiles(files, replace));
  }, "Couldn't import the skills");
  const chosen = (input: HTMLInputElement) => {
    const files = [...(input.files ?? [])];
    // The same file can be chosen again.
    input.value = "";
    if (files.length > 0) importing.run(files);
  };
  return (
    <Card>
      <CardHead id={id} title="Import skills" />
      <div className="grid gap-3 p-3.5">
        <p className="text-ink-2">
          From a folder, or a .zip, .tar or .tar.gz file: every SKILL.md in it becomes a skill.
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
        {importing.pending && <output>Importing …</output>}
        <ActionProblem failure={importing.failure} />
        {result && <Outcome result={result} />}
      </div>
    </Card>
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
          {skipped.map(({ path, reason }) => (
            <li key={path}>
              <span className="fact wrap-anywhere">{path}</span>: {reason}
            </li>
          ))}
        </ul>
      )}
    </Notice>
  );
}
