"use client";

import { useState } from "react";
import type { Changes, FileChanges } from "#client/changes.ts";
import { setLayout, useLayout } from "#client/layout.ts";
import { linesOfDiff } from "#client/line-diff.ts";
import { NARROW, useMedia } from "#client/use-browser.ts";
import { DiffView, LineCount } from "../session/diff-view.tsx";
import { Empty } from "../ui/card.tsx";
import { Chip, Count } from "../ui/chip.tsx";
import { cn } from "../ui/cn.ts";
import { PaneBar } from "../ui/pane-bar.tsx";
import { ScrollRegion } from "../ui/scroll-region.tsx";
import { Segments } from "../ui/segments.tsx";
import { Side, treeClass, treeRowClass } from "./side.tsx";

const ORDERS = [
  { value: "file", name: "Files" },
  { value: "turn", name: "Turns" },
] as const;
const VIEWS = [
  { value: false, name: "Unified" },
  { value: true, name: "Split" },
];

/** Every change of the session that is known by its text: by file, or by the turn that made it. */
export function DiffPane({ changes }: { changes: Changes }) {
  const [by, setBy] = useState<"file" | "turn">("file");
  const [chosen, setChosen] = useState<string | null>(null);
  const { splitDiff } = useLayout();
  // Two columns of code need more room than a phone has.
  const narrow = useMedia(NARROW);
  const split = splitDiff && !narrow;
  if (changes.files.length === 0 && changes.turns.length === 0)
    return (
      <Empty title="No changes yet">Files that you or the agent change in this session appear here.</Empty>
    );
  const files =
    by === "file" ? changes.files : (changes.turns.find((turn) => turn.key === chosen)?.files ?? []);
  const groups =
    by === "turn" && chosen === null
      ? changes.turns
      : [
          {
            key: "files",
            title: "",
            files: by === "file" && chosen !== null ? files.filter((f) => f.path === chosen) : files,
          },
        ];
  const choose = (key: string) => setChosen(key === chosen ? null : key);
  const rows =
    by === "file"
      ? changes.files.map((file) => ({
          key: file.path,
          title: file.path,
          name: <span className="truncate">{file.path.split("/").at(-1)}</span>,
          count: (
            <span className="ml-auto whitespace-nowrap">
              <Counts file={file} />
            </span>
          ),
        }))
      : changes.turns.map((turn) => ({
          key: turn.key,
          title: turn.title,
          name: <span className="truncate font-sans">{turn.title}</span>,
          count: <Count>{turn.files.length}</Count>,
        }));
  return (
    <Side
      list={
        <>
          <PaneBar>
            <Segments
              label="Order"
              value={by}
              items={ORDERS}
              onChange={(value) => {
                setBy(value);
                setChosen(null);
              }}
            />
          </PaneBar>
          <ul className={treeClass} aria-label={by === "file" ? "Changed files" : "Turns"}>
            {rows.map(({ key, title, name, count }) => (
              <li key={key}>
                <button
                  type="button"
                  className={cn(treeRowClass, "px-2")}
                  aria-pressed={chosen === key}
                  title={title}
                  onClick={() => choose(key)}
                >
                  {name}
                  {count}
                </button>
              </li>
            ))}
          </ul>
        </>
      }
    >
      <div className="flex min-h-0 min-w-0 flex-col">
        <PaneBar className="max-sm:hidden">
          <Segments
            label="Diff view"
            className="ml-auto"
            value={splitDiff}
            items={VIEWS}
            onChange={(value) => setLayout({ splitDiff: value })}
          />
        </PaneBar>
        <ScrollRegion className="min-h-0 min-w-0 flex-1 overflow-auto bg-sunken" label="Changes">
          {groups.map((group) => (
            <div key={group.key}>
              {group.title !== "" && (
                <h3 className="truncate border-b border-line bg-paper px-3 py-2 text-small">{group.title}</h3>
              )}
              {group.files.map((file) => (
                <FileDiff key={file.path} file={file} split={split} />
              ))}
            </div>
          ))}
        </ScrollRegion>
      </div>
    </Side>
  );
}

/** How many lines of a file came and went in all. */
function Counts({ file }: { file: FileChanges }) {
  const lines = file.diffs.map(linesOfDiff);
  const added = lines.reduce((sum, diff) => sum + diff.added, 0);
  const removed = lines.reduce((sum, diff) => sum + diff.removed, 0);
  const isPart = file.diffs.some(({ artifact_id }) => artifact_id !== undefined);
  return <LineCount added={added} removed={removed} isPart={isPart} />;
}

function FileDiff({ file, split }: { file: FileChanges; split: boolean }) {
  return (
    <div className="border-b border-line">
      <PaneBar className="bg-paper">
        <span className="fact min-w-0 truncate" title={file.path}>
          {file.path}
        </span>
        <span className="fact">
          <Counts file={file} />
        </span>
        {file.added && <Chip tone="success">new</Chip>}
      </PaneBar>
      {file.diffs.map((diff, index) => (
        // oxlint-disable-next-line react/no-array-index-key -- a file's changes only ever grow at their end
        <DiffView key={index} diff={diff} split={split} />
      ))}
    </div>
  );
}
