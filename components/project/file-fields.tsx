"use client";

import type { DefinitionDraft } from "#client/definition-draft.ts";
import { CodeEditor, codeFrameClass } from "./definition-code.tsx";
import { textAt, TextPart } from "./parts.tsx";

/** A file that is kept as it is. */
export function FileFields({ draft, onSave }: { draft: DefinitionDraft; onSave: () => void }) {
  const path = textAt(draft.value, "path");
  return (
    <div className="grid grid-cols-[minmax(0,1fr)] gap-4">
      <TextPart draft={draft} name="path" label="Path" fact hint="In tools, evals, or fixtures." />
      <div className={codeFrameClass}>
        <CodeEditor
          path={path === "" ? "file.txt" : path}
          text={textAt(draft.value, "text")}
          readOnly={draft.readOnly}
          onChange={(text) => draft.set({ text })}
          onSave={onSave}
        />
      </div>
    </div>
  );
}
