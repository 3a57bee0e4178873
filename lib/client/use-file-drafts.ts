"use client";

import { useCallback, useState } from "react";
import { type Draft, dropDraft, fileDraft, keepDraft, readDrafts } from "./draft.ts";
import { useUnsaved } from "./unsaved.ts";

/** What was typed into a file and not saved, as the editor has it, and the hash of the file as it was read. */
export interface FileDraft {
  text: string;
  hash: string;
}
/** By path. */
export type FileDrafts = ReadonlyMap<string, FileDraft>;

const withHash = (draft: Draft): draft is FileDraft => draft.hash !== undefined;

/** The unsaved files of a session: they stay in this browser until they are saved or discarded. */
export function useFileDrafts(sessionId: string): {
  drafts: FileDrafts;
  /** Keeps a draft; null forgets it. */
  onDraft: (path: string, draft: FileDraft | null) => void;
} {
  const [drafts, setDrafts] = useState<FileDrafts>(
    () =>
      new Map(
        [...readDrafts(fileDraft(sessionId, ""))].flatMap(([path, kept]) =>
          withHash(kept) ? [[path, kept] as const] : [],
        ),
      ),
  );
  useUnsaved(drafts.size > 0);
  const onDraft = useCallback(
    (path: string, draft: FileDraft | null) => {
      const name = fileDraft(sessionId, path);
      if (draft) keepDraft(name, { text: draft.text, hash: draft.hash });
      else dropDraft(name);
      setDrafts((known) => {
        const next = new Map(known);
        if (draft) next.set(path, draft);
        else next.delete(path);
        return next;
      });
    },
    [sessionId],
  );
  return { drafts, onDraft };
}
