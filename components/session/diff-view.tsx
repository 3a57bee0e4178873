"use client";

import { memo, useState } from "react";
import { type DiffHunk, type DiffLine, linesOfDiff, rowsOf } from "../../lib/client/line-diff.ts";
import type { Diff } from "../../lib/domain/events.ts";
import { ScrollRegion } from "../ui/scroll-region.tsx";
import { shortPath } from "./entries.ts";
import { WholeText } from "./whole-text.tsx";

/** Rows drawn at first; a longer diff shows the rest on demand. */
const FIRST_ROWS = 400;

/** How many lines came and went: `+7 −1`. */
export function LineCount({ added, removed }: { added: number; removed: number }) {
  return (
    <span>
      <span className="add">+{added}</span>
      {removed > 0 && <span className="del"> −{removed}</span>}
    </span>
  );
}

/** The same of all that a call changes. */
export function DiffCount({ diffs }: { diffs: readonly Diff[] }) {
  const counts = diffs.map(linesOfDiff);
  return (
    <LineCount
      added={counts.reduce((sum, { added }) => sum + added, 0)}
      removed={counts.reduce((sum, { removed }) => sum + removed, 0)}
    />
  );
}

function firstRows(hunks: readonly DiffHunk[], limit: number): DiffHunk[] {
  const shown: DiffHunk[] = [];
  let left = limit;
  for (const hunk of hunks) {
    if (left <= 0) break;
    shown.push({ ...hunk, lines: hunk.lines.slice(0, left) });
    left -= hunk.lines.length;
  }
  return shown;
}

const SIGNS = { same: " ", add: "+", del: "−" };

/** One side of a row; empty where it has no such line. */
function Side({ line, number }: { line: DiffLine | undefined; number: number | undefined }) {
  if (!line) return <div className="diff-side hatch" />;
  return (
    <div className="diff-side" data-op={line.op}>
      <span className="n">{number}</span>
      <span className="op">{SIGNS[line.op]}</span>
      <span>{line.text}</span>
    </div>
  );
}

/** A change of one file, line by line, with both line numbers and a sign. */
export const DiffView = memo(function DiffView({
  diff: given,
  split = false,
}: {
  diff: Diff;
  /** Both texts beside each other, instead of one below the other. */
  split?: boolean;
}) {
  const [whole, setWhole] = useState<Diff>();
  const diff = whole ?? given;
  const { hunks } = linesOfDiff(diff);
  const [all, setAll] = useState(false);
  const total = hunks.reduce((sum, hunk) => sum + hunk.lines.length, 0);
  const shown = all ? hunks : firstRows(hunks, FIRST_ROWS);
  return (
    <ScrollRegion className="diff" landmark={false} label={`Diff of ${shortPath(diff.path)}`}>
      <div className={split ? "diff-rows diff-split" : "diff-rows"}>
        {hunks.length === 0 && <p className="px-3 py-1 font-sans text-ink-3">No differences</p>}
        {shown.map((hunk) => (
          <div key={hunk.header}>
            <div className="diff-hunk">{hunk.header}</div>
            {split
              ? rowsOf(hunk.lines).map(({ left, right }) => (
                  <div key={`${left?.before ?? ""}/${right?.after ?? ""}`} className="diff-pair">
                    <Side line={left} number={left?.before} />
                    <Side line={right} number={right?.after} />
                  </div>
                ))
              : hunk.lines.map((line) => (
                  <div
                    key={`${line.op}${line.before ?? ""}/${line.after ?? ""}`}
                    className="diff-line"
                    data-op={line.op}
                  >
                    <span className="n">{line.before}</span>
                    <span className="n">{line.after}</span>
                    <span className="op">{SIGNS[line.op]}</span>
                    <span>{line.text}</span>
                  </div>
                ))}
          </div>
        ))}
      </div>
      {!all && total > FIRST_ROWS && (
        <button type="button" className="btn btn-sm m-2" onClick={() => setAll(true)}>
          Show all {total} lines
        </button>
      )}
      {given.artifact_id && (
        <WholeText
          artifactId={given.artifact_id}
          chars={given.chars}
          what="change"
          onText={(text) => setWhole(JSON.parse(text) as Diff)}
        />
      )}
      {whole?.truncated && <p className="px-3 py-2 text-small text-ink-3">The rest was too long to keep.</p>}
    </ScrollRegion>
  );
});

/** All that a call changes, one file below the other; with their names, where there are several. */
export function Diffs({ diffs }: { diffs: readonly Diff[] }) {
  return diffs.map((diff) => (
    <div key={diff.path}>
      {diffs.length > 1 && (
        <p className="flex items-center gap-3 border-b border-line px-3 py-1 text-small">
          <span className="mono min-w-0 truncate" title={diff.path}>
            {shortPath(diff.path)}
          </span>
          <span className="fact">
            <DiffCount diffs={[diff]} />
          </span>
        </p>
      )}
      <DiffView diff={diff} />
    </div>
  ));
}
