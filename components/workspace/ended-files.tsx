"use client";

import { useState } from "react";
import { useFileDrafts } from "#client/use-file-drafts.ts";
import { archiveAddress } from "#client/git.ts";
import { useOpened, useSessionState } from "../session/session-context.tsx";
import { buttonClass } from "../ui/button-class.ts";
import { Side } from "./side.tsx";
import { UnsavedList } from "./unsaved-list.tsx";
import { UnsavedText } from "./unsaved-text.tsx";

/** What is left of a session's files once it has ended: the text in this browser that was not saved. */
export function EndedFiles() {
  const { session } = useOpened();
  const { view } = useSessionState();
  const { drafts, onDraft } = useFileDrafts(session.id);
  const [chosen, setChosen] = useState<string>();
  const paths = [...drafts.keys()];
  const path = chosen !== undefined && drafts.has(chosen) ? chosen : paths[0];
  const draft = path === undefined ? undefined : drafts.get(path);
  return (
    <>
      <div className="grid justify-items-start gap-2 p-4 text-ink-2">
        <p>The session has ended. The changes stay under Diff.</p>
        {view.saved?.at !== undefined && (
          <a className={buttonClass({ size: "sm" })} href={archiveAddress(session.id)} download>
            Download the saved files
          </a>
        )}
      </div>
      {path !== undefined && draft && (
        <Side list={<UnsavedList paths={paths} selected={path} onSelect={setChosen} />}>
          <UnsavedText key={path} path={path} draft={draft} loss="ended" onDraft={onDraft} />
        </Side>
      )}
    </>
  );
}
