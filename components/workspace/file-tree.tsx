"use client";

import {
  ChevronDown,
  ChevronRight,
  Copy,
  Download,
  File,
  FileQuestion,
  FileSymlink,
  FileText,
  Folder as FolderIcon,
  FolderOpen,
} from "lucide-react";
import { type KeyboardEvent, useRef, useState } from "react";
import { type FileEntry, unopenable } from "#client/files.ts";
import { useCopy } from "#client/use-copy.ts";
import { Icon } from "../ui/icon.tsx";
import { ContextMenu, MenuItem } from "../ui/menu.tsx";
import { treeClass, treeRowClass } from "./side.tsx";
import type { Folder } from "./use-folders.ts";

/** What has become of a file in this session. */
export type Mark = "A" | "M" | "•" | "∙";
const MARKS: Record<Mark, { label: string; className: string }> = {
  A: { label: "new", className: "text-success" },
  M: { label: "changed", className: "text-warning" },
  "•": { label: "unsaved", className: "text-accent" },
  "∙": { label: "changes inside", className: "text-warning" },
};

interface Row {
  /** Its path, or what stands for it where that is not UTF-8: no two rows have the same. */
  path: string;
  /** As it is shown. */
  name: string;
  /** The row that it stands in. */
  above: string;
  entry: FileEntry;
  level: number;
  open: boolean;
}

function rowsOf(
  folders: ReadonlyMap<string, Folder>,
  open: ReadonlySet<string>,
  path = "",
  level = 1,
): (Row | { path: string; level: number; more: true })[] {
  const folder = folders.get(path);
  if (!folder) return [];
  const rows = folder.entries.flatMap((entry) => {
    const named = path === "" ? entry.name : `${path}/${entry.name}`;
    // Two names that are not UTF-8 may look the same; no path has two slashes.
    const own = entry.nameBytes === undefined ? named : `${named}//${entry.nameBytes}`;
    const isOpen = opensInPlace(entry) && open.has(own);
    const row: Row = { path: own, name: named, above: path, entry, level, open: isOpen };
    return [row, ...(isOpen ? rowsOf(folders, open, own, level + 1) : [])];
  });
  return folder.truncated ? [...rows, { path: `${path}/…`, level, more: true }] : rows;
}

/** True for a folder that can be listed. */
const opensInPlace = (entry: FileEntry): boolean =>
  entry.kind === "folder" && unopenable(entry) === undefined;

const drawingOf = (entry: FileEntry, why: string | undefined) =>
  entry.link ? FileSymlink : why === undefined ? File : FileQuestion;

/** The workspace as a tree, by the ARIA pattern: arrows move and open, Enter shows a file. */
export function FileTree({
  folders,
  open,
  selected,
  markOf,
  onToggle,
  onSelect,
  onDownload,
  onDownloadFolder,
}: {
  folders: ReadonlyMap<string, Folder>;
  open: ReadonlySet<string>;
  selected: string | null;
  markOf: (path: string, entry: FileEntry) => Mark | undefined;
  onToggle: (path: string) => void;
  onSelect: (path: string) => void;
  onDownload: (path: string) => void;
  onDownloadFolder: (path: string) => void;
}) {
  const tree = useRef<HTMLDivElement>(null);
  const [active, setActive] = useState<string>();
  const [asked, setAsked] = useState<Row>();
  const { copy } = useCopy();
  const rows = rowsOf(folders, open);
  const real = rows.filter((row): row is Row => "entry" in row);
  const current = real.find((row) => row.path === (active ?? selected))?.path ?? real[0]?.path;

  const focus = (row: Row | undefined) => {
    if (!row) return;
    setActive(row.path);
    tree.current?.querySelector<HTMLElement>(`[data-path="${CSS.escape(row.path)}"]`)?.focus();
  };
  const act = ({ path, entry }: Row) => {
    if (opensInPlace(entry)) onToggle(path);
    else if (unopenable(entry) === undefined) onSelect(path);
  };
  const onKeyDown = (event: KeyboardEvent) => {
    const at = real.findIndex((row) => row.path === current);
    const row = real[at];
    if (!row || event.altKey || event.ctrlKey || event.metaKey) return;
    const folder = opensInPlace(row.entry);
    const acts: Record<string, () => void> = {
      ArrowDown: () => focus(real[at + 1]),
      j: () => focus(real[at + 1]),
      ArrowUp: () => focus(real[at - 1]),
      k: () => focus(real[at - 1]),
      Home: () => focus(real[0]),
      End: () => focus(real.at(-1)),
      ArrowRight: () => (folder && !row.open ? onToggle(row.path) : focus(real[at + 1])),
      ArrowLeft: () =>
        folder && row.open ? onToggle(row.path) : focus(real.find((other) => other.path === row.above)),
      Enter: () => act(row),
      " ": () => act(row),
    };
    const move = acts[event.key];
    if (!move) return;
    event.preventDefault();
    move();
  };

  const list = (
    <div
      ref={tree}
      role="tree"
      aria-label="Files"
      className={treeClass}
      tabIndex={-1}
      onKeyDown={onKeyDown}
      onContextMenu={({ target }) => {
        const path = target instanceof Element && target.closest<HTMLElement>("[data-path]")?.dataset.path;
        setAsked(real.find((row) => row.path === path));
      }}
    >
      {rows.map((row) => {
        if ("more" in row)
          return (
            <p key={row.path} className="px-2 text-ink-3">
              Too many files to list
            </p>
          );
        const { entry, path } = row;
        const folder = entry.kind === "folder";
        const mark = markOf(path, entry);
        const why = unopenable(entry);
        const drawing = folder ? (row.open ? FolderOpen : FolderIcon) : drawingOf(entry, why);
        return (
          // oxlint-disable-next-line jsx-a11y/click-events-have-key-events -- the tree has its keys
          <div
            key={path}
            role="treeitem"
            className={treeRowClass}
            style={{ paddingLeft: (row.level - 1) * 14 + 4 }}
            aria-level={row.level}
            aria-expanded={opensInPlace(entry) ? row.open : undefined}
            aria-selected={path === selected}
            tabIndex={path === current ? 0 : -1}
            data-path={path}
            onFocus={() => setActive(path)}
            aria-disabled={why !== undefined || undefined}
            onClick={() => {
              setActive(path);
              act(row);
            }}
          >
            <Icon
              as={row.open ? ChevronDown : ChevronRight}
              size="xs"
              className={opensInPlace(entry) ? "text-ink-3" : "invisible text-ink-3"}
            />
            <Icon as={drawing} size="sm" className="text-ink-3" />
            <span className={why === undefined ? "truncate" : "truncate text-ink-3"}>{entry.name}</span>
            {why !== undefined && (
              <span className="ml-auto flex-none pl-1 font-sans text-ink-3">
                <span className="sr-only">, </span>
                {why}
              </span>
            )}
            {mark && (
              <span className={`ml-auto pl-1 ${MARKS[mark].className}`} title={MARKS[mark].label}>
                <span aria-hidden="true">{mark}</span>
                <span className="sr-only">, {MARKS[mark].label}</span>
              </span>
            )}
          </div>
        );
      })}
    </div>
  );
  const isFile =
    asked !== undefined && asked.entry.kind !== "folder" && unopenable(asked.entry) === undefined;
  return (
    <ContextMenu area={list}>
      {asked && opensInPlace(asked.entry) && (
        <MenuItem icon={asked.open ? FolderIcon : FolderOpen} onClick={() => onToggle(asked.path)}>
          {asked.open ? "Close" : "Open"}
        </MenuItem>
      )}
      {asked?.entry.kind === "folder" && (
        <MenuItem icon={Download} onClick={() => onDownloadFolder(asked.path)}>
          Download as zip
        </MenuItem>
      )}
      {isFile && (
        <>
          <MenuItem icon={FileText} onClick={() => onSelect(asked.path)}>
            Open
          </MenuItem>
          <MenuItem icon={Download} onClick={() => onDownload(asked.path)}>
            Download
          </MenuItem>
        </>
      )}
      <MenuItem icon={Copy} disabled={asked === undefined} onClick={() => void copy(asked?.name ?? "")}>
        Copy path
      </MenuItem>
    </ContextMenu>
  );
}
