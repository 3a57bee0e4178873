"use client";

import { useState } from "react";
import type { Changes, FileChanges } from "../../lib/client/changes.ts";
import { setLayout, useLayout } from "../../lib/client/layout.ts";
import { linesOfDiff } from "../../lib/client/line-diff.ts";
import { NARROW, useMedia } from "../../lib/client/use-browser.ts";
import { DiffView, LineCount } from "../session/diff-view.tsx";
import { ScrollRegion } from "../ui/scroll-region.tsx";

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
      <div className="empty">
        <h2 className="text-title">No changes yet</h2>
        <p>Files that you or the agent change in this session appear here.</p>
      </div>
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
  return (
    <div className="side">
      <div className="flex min-w-0 flex-col">
        <div className="pane-bar">
          <fieldset className="seg">
            <legend className="sr">Order</legend>
            {(["file", "turn"] as const).map((value) => (
              <button
                key={value}
                type="button"
                aria-pressed={by === value}
                onClick={() => {
                  setBy(value);
                  setChosen(null);
                }}
              >
                {value === "file" ? "Files" : "Turns"}
              </button>
            ))}
          </fieldset>
        </div>
        <ul className="tree" aria-label={by === "file" ? "Changed files" : "Turns"}>
          {by === "file"
            ? changes.files.map((file) => (
                <li key={file.path}>
                  <button
                    type="button"
                    className="tree-row px-2"
                    aria-pressed={chosen === file.path}
                    title={file.path}
                    onClick={() => choose(file.path)}
                  >
                    <span className="truncate">{file.path.split("/").at(-1)}</span>
                    <span className="ml-auto whitespace-nowrap">
                      <Counts file={file} />
                    </span>
                  </button>
                </li>
              ))
            : changes.turns.map((turn) => (
                <li key={turn.key}>
                  <button
                    type="button"
                    className="tree-row px-2"
                    aria-pressed={chosen === turn.key}
                    title={turn.title}
                    onClick={() => choose(turn.key)}
                  >
                    <span className="truncate font-sans">{turn.title}</span>
                    <span className="count">{turn.files.length}</span>
                  </button>
                </li>
              ))}
        </ul>
      </div>
      <div className="flex min-h-0 min-w-0 flex-col">
        <div className="pane-bar max-sm:hidden">
          <fieldset className="seg ml-auto">
            <legend className="sr">Diff view</legend>
            {[false, true].map((value) => (
              <button
                key={String(value)}
                type="button"
                aria-pressed={splitDiff === value}
                onClick={() => setLayout({ splitDiff: value })}
              >
                {value ? "Split" : "Unified"}
              </button>
            ))}
          </fieldset>
        </div>
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
    </div>
  );
}

/** How many lines of a file came and went in all. */
function Counts({ file }: { file: FileChanges }) {
  const lines = file.diffs.map(linesOfDiff);
  const added = lines.reduce((sum, diff) => sum + diff.added, 0);
  const removed = lines.reduce((sum, diff) => sum + diff.removed, 0);
  return <LineCount added={added} removed={removed} />;
}

function FileDiff({ file, split }: { file: FileChanges; split: boolean }) {
  return (
    <div className="border-b border-line">
      <div className="pane-bar bg-paper">
        <span className="fact min-w-0 truncate" title={file.path}>
          {file.path}
        </span>
        <span className="fact">
          <Counts file={file} />
        </span>
        {file.added && <span className="chip is-success">new</span>}
      </div>
      {file.diffs.map((diff, index) => (
        // oxlint-disable-next-line react/no-array-index-key -- a file's changes only ever grow at their end
        <DiffView key={index} diff={diff} split={split} />
      ))}
    </div>
  );
}
