"use client";

import dynamic from "next/dynamic";
import { useEffect, useEffectEvent, useState } from "react";
import type { DefinitionDraft } from "#client/definition-draft.ts";
import { readDefinitionSource } from "#client/definition-source.ts";
import { useSettled } from "#client/use-settled.ts";
import { DEFINITION_KINDS, definitionPath, definitionSource } from "#domain/definitions.ts";
import { KEY_FIELDS } from "#domain/project/kinds.ts";
import { FieldNote } from "../ui/field.tsx";
import { Loading } from "../ui/loaded.tsx";

export const CodeEditor = dynamic(async () => (await import("../workspace/editor.tsx")).Editor, {
  ssr: false,
  loading: () => <Loading className="p-3">Loading the editor</Loading>,
});
export const codeFrameClass =
  "flex h-[480px] min-h-0 flex-col overflow-hidden rounded-sm border border-line-control";

const UNREADABLE = "The code can't be read";

/** A definition as the file that `struere pull` writes. What is typed is read as data, and never run. */
export function DefinitionCode({ draft, onSave }: { draft: DefinitionDraft; onSave: () => void }) {
  const kind = DEFINITION_KINDS.find((one) => one.kind === draft.kind)!;
  const [source, setSource] = useState(() => definitionSource(kind, draft.value));
  const [shown, setShown] = useState(draft.value);
  const [problem, setProblem] = useState<string>();
  // Somebody else's change, or a draft that was dropped.
  if (shown !== draft.value) {
    setShown(draft.value);
    setSource(definitionSource(kind, draft.value));
    setProblem(undefined);
  }
  const settled = useSettled(source, 200);
  const typed = (text: string) => {
    setSource(text);
    if (text !== settled) draft.block("The code is being read");
    else draft.block(problem === undefined ? null : UNREADABLE);
  };
  const taken = useEffectEvent((value: Record<string, unknown>) => {
    draft.block(null);
    setProblem(undefined);
    if (JSON.stringify(value) === JSON.stringify(draft.value)) return;
    setShown(value);
    draft.replace(value);
  });
  const refused = useEffectEvent((message: string) => {
    setProblem(message);
    draft.block(UNREADABLE);
  });
  useEffect(() => {
    let gone = false;
    const read = async () => {
      const found = await readDefinitionSource(kind.kind, settled);
      if (gone) return;
      if (found.ok) taken(found.value);
      else refused(`Line ${found.line}, column ${found.column}: ${found.message}`);
    };
    read().catch((error: unknown) => !gone && refused(String(error)));
    return () => {
      gone = true;
    };
  }, [settled, kind]);
  const unblock = useEffectEvent(() => draft.block(null));
  useEffect(() => () => unblock(), []);
  const key = draft.value[KEY_FIELDS[draft.kind]];
  const path = definitionPath(kind, typeof key === "string" ? key : "");
  return (
    <div className="grid grid-cols-[minmax(0,1fr)] gap-1">
      <span className="fact text-small text-ink-3">{path}</span>
      <div className={codeFrameClass}>
        <CodeEditor path={path} text={source} readOnly={draft.readOnly} onChange={typed} onSave={onSave} />
      </div>
      <FieldNote
        id="definition-code-note"
        problem={problem}
        hint="As struere pull writes it. It is read here as plain values and never run: functions belong in a file that you push."
      />
    </div>
  );
}
