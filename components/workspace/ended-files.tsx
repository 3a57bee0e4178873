"use client";

import { useState } from "react";
import { useFileDrafts } from "#client/use-file-drafts.ts";
import { useOpened } from "../session/session-context.tsx";
import { Side } from "./side.tsx";
import { UnsavedList } from "./unsaved-list.tsx";
import { UnsavedText } from "./unsaved-text.tsx";

/** What is left of a session's files once it has ended: the text in this browser that was not saved. */
export function EndedFiles() {
  const { session } = useOpened();
  const { drafts, onDraft } = useFileDrafts(session.id);
  const [chosen, setChosen] = useState<string>();
  const paths = [...drafts.keys()];
  const path = chosen !== undefined && drafts.has(chosen) ? chosen : paths[0];
  const draft = path === undefined ? undefined : drafts.get(path);
  return (
    <>
      <p className="p-4 text-ink-2">
        The session has ended and its sandbox was deleted. The changes stay under Diff.
      </p>
      {path !== undefined && draft && (
        <Side list={<UnsavedList paths={paths} selected={path} onSelect={setChosen} />}>
          <UnsavedText key={path} path={path} draft={draft} loss="ended" onDraft={onDraft} />
        </Side>
      )}
    </>
  );
}
