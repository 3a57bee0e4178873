"use client";

import { zipAddress } from "#client/git.ts";
import { RefreshCw } from "lucide-react";
import { useMemo } from "react";
import type { Changes } from "#client/changes.ts";
import { downloadPath, type FileEntry } from "#client/files.ts";
import { saveAs } from "#client/leave.ts";
import { useOpenFile } from "#client/use-open-file.ts";
import { useFileDrafts } from "#client/use-file-drafts.ts";
import { useOpened, useSessionState } from "../session/session-context.tsx";
import { Button } from "../ui/button.tsx";
import { Icon } from "../ui/icon.tsx";
import { ReadProblem } from "../ui/loaded.tsx";
import { PaneBar } from "../ui/pane-bar.tsx";
import { FileTree, type Mark } from "./file-tree.tsx";
import { FileView } from "./file-view.tsx";
import { NewFile } from "./new-file.tsx";
import { Side } from "./side.tsx";
import { UnsavedList } from "./unsaved-list.tsx";
import { isListed, useFolders } from "./use-folders.ts";

const ROOT = "/workspace";

/** The workspace's files: a tree with what has changed, and one of them open. */
export function FilesPane({ changes }: { changes: Changes }) {
  const { session, disabledReason: why } = useOpened();
  const { drive: disabledReason } = why;
  const { view } = useSessionState();
  const ready = view.steps.find((step) => step.step === "ready");
  const openedAt = ready ? Date.parse(ready.startedAt) : null;
  const [selected, setSelected] = useOpenFile(session.id);
  const { folders, open, root, entryOf, toggle, reload, reveal } = useFolders(selected);
  const { drafts, onDraft } = useFileDrafts(session.id);
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
  const markOf = (path: string, entry: FileEntry): Mark | undefined => {
    if (drafts.has(path)) return "•";
    const known = changed.get(path);
    if (known) return known;
    if (entry.kind === "folder") return above.has(path) ? "∙" : undefined;
    // A command may have changed it, of which the log has no diff.
    const later = entry.modifiedAt !== null && openedAt !== null && entry.modifiedAt > openedAt;
    return later ? "M" : undefined;
  };
  // The tree shows no row for them: their folder is shut, or they are gone.
  const unlisted = [...drafts.keys()].filter(
    (path) => entryOf(path) !== undefined && !isListed(path, folders, open),
  );

  return (
    <Side
      list={
        <>
          <PaneBar>
            <span className="label">{ROOT}</span>
            {disabledReason === undefined && (
              <NewFile
                onMade={(path) => {
                  reveal(path);
                  setSelected(path);
                }}
              />
            )}
            <Button
              look="quiet"
              size="sm"
              icon
              {...(disabledReason !== undefined && { className: "ml-auto" })}
              aria-label="Refresh files"
              title="Refresh"
              onClick={reload}
            >
              <Icon as={RefreshCw} size="sm" />
            </Button>
          </PaneBar>
          <div className="p-2 empty:hidden">
            <ReadProblem of={root} title="Couldn't load the files" />
          </div>
          {root.loading && !root.data && <p className="p-3 text-small text-ink-3">Loading files</p>}
          <UnsavedList paths={unlisted} selected={selected} onSelect={setSelected} />
          <FileTree
            folders={folders}
            open={open}
            selected={selected}
            markOf={markOf}
            onToggle={toggle}
            onSelect={setSelected}
            onDownload={(path) => saveAs(downloadPath(session.id, path), path)}
            onDownloadFolder={(path) => saveAs(zipAddress(session.id, path), `${path}.zip`)}
          />
        </>
      }
    >
      {selected === null ? (
        <p className="p-4 text-ink-2">Choose a file to view or edit.</p>
      ) : (
        <FileView
          key={selected}
          path={selected}
          entry={entryOf(selected)}
          draft={drafts.get(selected)}
          onDraft={onDraft}
          onSaved={(path) => {
            reveal(path);
            setSelected(path);
          }}
        />
      )}
    </Side>
  );
}
