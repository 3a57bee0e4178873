"use client";

import { useState } from "react";
import { useFileDrafts } from "#client/use-file-drafts.ts";
import { useOpened, useSessionState } from "../session/session-context.tsx";
import { SavedFiles } from "./saved-files.tsx";
import { Side } from "./side.tsx";
import { UnsavedList } from "./unsaved-list.tsx";
import { UnsavedText } from "./unsaved-text.tsx";

/** A session's files once it has ended: as they were saved, and the text in this browser that was not. */
export function EndedFiles() {
  const { session } = useOpened();
  const { view } = useSessionState();
  const { drafts, onDraft } = useFileDrafts(session.id);
  const [chosen, setChosen] = useState<string>();
  const paths = [...drafts.keys()];
  const path = chosen !== undefined && drafts.has(chosen) ? chosen : paths[0];
  const draft = path === undefined ? undefined : drafts.get(path);
  // A branch may have ended before it saved anything of its own.
  const savedAt = view.saved?.at === undefined ? session.savedAt : Date.parse(view.saved.at);
  return (
    <>
      {session.importedAt !== null ? (
        <p className="p-4 text-ink-2">
          An export has no files, so there are none to look at. The changes stay under Diff.
        </p>
      ) : savedAt === null ? (
        <p className="p-4 text-ink-2">
          The session has ended, and none of its files were saved. The changes stay under Diff.
        </p>
      ) : (
        <SavedFiles savedAt={savedAt} />
      )}
      {path !== undefined && draft && (
        <Side list={<UnsavedList paths={paths} selected={path} onSelect={setChosen} />}>
          <UnsavedText key={path} path={path} draft={draft} loss="ended" onDraft={onDraft} />
        </Side>
      )}
    </>
  );
}
