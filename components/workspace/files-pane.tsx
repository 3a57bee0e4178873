"use client";

import { RefreshCw } from "lucide-react";
import { useCallback, useMemo, useState } from "react";
import type { Changes } from "../../lib/client/changes.ts";
import type { FileEntry, WorkspaceFile } from "../../lib/client/files.ts";
import { ProblemNotice } from "../common/problem-notice.tsx";
import { FileTree, type Mark } from "./file-tree.tsx";
import { type Drafts, FileView } from "./file-view.tsx";
import { NewFile } from "./new-file.tsx";
import { useFolders } from "./use-folders.ts";

const ROOT = "/workspace";

/** The workspace's files: a tree with what has changed, and one of them open. */
export function FilesPane({
  sessionId,
  revision,
  changes,
  openedAt,
  disabledReason,
}: {
  sessionId: string;
  revision: number;
  changes: Changes;
  /** When the workspace stood, epoch milliseconds; null where it does not yet. */
  openedAt: number | null;
  disabledReason: string | undefined;
}) {
  const { folders, open, problem, toggle, reload, reveal } = useFolders(sessionId, revision);
  const [selected, setSelected] = useState<string | null>(null);
  const [drafts, setDrafts] = useState<Drafts>(new Map());
  const changed = useMemo(
    () => new Map(changes.files.map((file) => [file.path, file.added ? ("A" as const) : ("M" as const)])),
    [changes],
  );
  const above = useMemo(
    () =>
      new Set(
        changes.files.flatMap(({ path }) =>
          path.split("/").map((_, index, parts) => parts.slice(0, index).join("/")),
        ),
      ),
    [changes],
  );
  const draftOf = useCallback((path: string, draft: { base: WorkspaceFile; text: string } | null) => {
    setDrafts((known) => {
      const next = new Map(known);
      if (draft) next.set(path, draft);
      else next.delete(path);
      return next;
    });
  }, []);
  const markOf = (path: string, entry: FileEntry): Mark | undefined => {
    if (drafts.has(path)) return "•";
    const known = changed.get(path);
    if (known) return known;
    if (entry.kind === "folder") return above.has(path) ? "∙" : undefined;
    // A command may have changed it, of which the log has no diff.
    const later = entry.modifiedAt !== null && openedAt !== null && entry.modifiedAt > openedAt;
    return later ? "M" : undefined;
  };

  return (
    <div className="side">
      <div className="flex min-w-0 flex-col">
        <div className="pane-bar">
          <span className="label">{ROOT}</span>
          {disabledReason === undefined && (
            <NewFile
              sessionId={sessionId}
              onMade={(path) => {
                reveal(path);
                setSelected(path);
              }}
            />
          )}
          <button
            type="button"
            className={`btn btn-quiet btn-sm btn-icon ${disabledReason === undefined ? "" : "ml-auto"}`}
            aria-label="Refresh files"
            title="Refresh"
            onClick={reload}
          >
            <RefreshCw className="i i-sm" aria-hidden="true" />
          </button>
        </div>
        {problem && (
          <div className="p-2">
            <ProblemNotice title="Couldn't load the files" error={problem} />
          </div>
        )}
        {!problem && !folders.has("") && <p className="p-3 text-small text-ink-3">Loading files</p>}
        <FileTree
          folders={folders}
          open={open}
          selected={selected}
          markOf={markOf}
          onToggle={toggle}
          onSelect={setSelected}
        />
      </div>
      {selected === null ? (
        <p className="p-4 text-ink-2">Choose a file to view or edit.</p>
      ) : (
        <FileView
          key={selected}
          sessionId={sessionId}
          path={selected}
          revision={revision}
          disabledReason={disabledReason}
          drafts={drafts}
          onDraft={draftOf}
        />
      )}
    </div>
  );
}
