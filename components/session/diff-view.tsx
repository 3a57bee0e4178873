"use client";

import { memo, type ReactNode, useMemo, useState } from "react";
import { type DiffHunk, type DiffLine, linesOfDiff, rowsOf } from "#client/line-diff.ts";
import type { Diff } from "#domain/events.ts";
import { shortPath } from "#client/entries.ts";
import { type LinePart, partsOfLines } from "#client/word-diff.ts";
import { Button } from "../ui/button.tsx";
import { cn } from "../ui/cn.ts";
import { codeClass } from "../ui/code.ts";
import { ScrollRegion } from "../ui/scroll-region.tsx";
import { WholeText } from "./whole-text.tsx";

/** Rows drawn at first; a longer diff shows the rest on demand. */
export const FIRST_ROWS = 400;

/** How many lines came and went: `+7 −1`; with a plus behind it where only the beginning is known. */
export function LineCount({
  added,
  removed,
  isPart = false,
}: {
  added: number;
  removed: number;
  isPart?: boolean;
}) {
  return (
    <span title={isPart ? "Counted in the beginning alone" : undefined}>
      {isPart && "over "}
      <span className="text-success">+{added}</span>
      {removed > 0 && <span className="text-danger"> −{removed}</span>}
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
      isPart={diffs.some(({ artifact_id }) => artifact_id !== undefined)}
    />
  );
}

/** As many hunks as have so many lines together, the last of them in part. */
export function firstRows<Hunk extends DiffHunk>(hunks: readonly Hunk[], limit: number): Hunk[] {
  const shown: Hunk[] = [];
  let left = limit;
  for (const hunk of hunks) {
    if (left <= 0) break;
    shown.push({ ...hunk, lines: hunk.lines.slice(0, left) });
    left -= hunk.lines.length;
  }
  return shown;
}

const numberClass = "pr-2 text-end text-ink-3 select-none";
const sideClass =
  "grid grid-cols-[40px_16px_minmax(0,1fr)] wrap-anywhere whitespace-pre-wrap not-first:border-l not-first:border-line";
const LINES = {
  same: { line: "", number: "", sign: "", word: "" },
  add: { line: "bg-success-soft", number: "text-ink-2", sign: "text-success", word: "bg-success/20" },
  del: { line: "bg-danger-soft", number: "text-ink-2", sign: "text-danger", word: "bg-danger/20" },
};
const SIGNS = { same: " ", add: "+", del: "−" };

/** A line's text; the words that have changed stand out where the rest of it is the same. */
function LineText({ line, parts }: { line: DiffLine; parts: LinePart[] | undefined }) {
  if (!parts) return <span>{line.text}</span>;
  return (
    <span>
      {parts.map(({ text, at, changed }) =>
        changed ? (
          <span key={at} className={cn("rounded-xs", LINES[line.op].word)} data-testid="diff-word">
            {text}
          </span>
        ) : (
          text
        ),
      )}
    </span>
  );
}

/** One side of a row; empty where it has no such line. */
function Side({
  line,
  number,
  parts,
}: {
  line: DiffLine | undefined;
  number: number | undefined;
  parts: ReadonlyMap<DiffLine, LinePart[]>;
}) {
  if (!line) return <div className={cn(sideClass, "hatch")} />;
  return (
    <div className={cn(sideClass, LINES[line.op].line)}>
      <span className={cn(numberClass, LINES[line.op].number)}>{number}</span>
      <span className={LINES[line.op].sign}>{SIGNS[line.op]}</span>
      <LineText line={line} parts={parts.get(line)} />
    </div>
  );
}

/** A change's lines below its header, or both texts beside each other. */
export function HunkRows({
  hunk,
  split,
  aside,
  below,
}: {
  hunk: DiffHunk;
  split: boolean;
  /** Stands behind the header. */
  aside?: ReactNode;
  /** Stands between the header and the lines. */
  below?: ReactNode;
}) {
  const parts = useMemo(() => partsOfLines(hunk.lines), [hunk.lines]);
  return (
    <div>
      <div className="flex items-center gap-2 bg-info-soft px-2.5 py-0.5 text-[11px] text-info">
        {hunk.header}
        {aside}
      </div>
      {below}
      {split
        ? rowsOf(hunk.lines).map(({ left, right }) => (
            <div
              key={`${left?.before ?? ""}/${right?.after ?? ""}`}
              className="grid grid-cols-[minmax(0,1fr)_minmax(0,1fr)]"
              data-testid="diff-pair"
            >
              <Side line={left} number={left?.before} parts={parts} />
              <Side line={right} number={right?.after} parts={parts} />
            </div>
          ))
        : hunk.lines.map((line) => (
            <div
              key={`${line.op}${line.before ?? ""}/${line.after ?? ""}`}
              className={cn(
                "grid grid-cols-[40px_40px_16px_minmax(0,1fr)] whitespace-pre",
                LINES[line.op].line,
              )}
            >
              <span className={cn(numberClass, LINES[line.op].number)}>{line.before}</span>
              <span className={cn(numberClass, LINES[line.op].number)}>{line.after}</span>
              <span className={LINES[line.op].sign}>{SIGNS[line.op]}</span>
              <LineText line={line} parts={parts.get(line)} />
            </div>
          ))}
    </div>
  );
}

/** A change of one file, line by line, with both line numbers and a sign. */
export const DiffView = memo(function DiffView({
  diff: given,
  split = false,
  wholly = false,
  className,
}: {
  diff: Diff;
  /** Loads the whole of it by itself. */
  wholly?: boolean;
  /** Both texts beside each other, instead of one below the other. */
  split?: boolean;
  className?: string | undefined;
}) {
  const [whole, setWhole] = useState<Diff>();
  const diff = whole ?? given;
  const { hunks, added, removed } = linesOfDiff(diff);
  const [all, setAll] = useState(false);
  const total = hunks.reduce((sum, hunk) => sum + hunk.lines.length, 0);
  const shown = all ? hunks : firstRows(hunks, FIRST_ROWS);
  const body = (
    <ScrollRegion
      className={cn(codeClass, "max-h-[420px]", className)}
      landmark={false}
      label={`Diff of ${shortPath(diff.path)}`}
    >
      <div className={split ? "w-full min-w-full" : "w-max min-w-full"}>
        {hunks.length === 0 && <p className="px-3 py-1 font-sans text-ink-3">No differences</p>}
        {shown.map((hunk) => (
          <HunkRows key={hunk.header} hunk={hunk} split={split} />
        ))}
      </div>
      {!all && total > FIRST_ROWS && (
        <Button size="sm" className="m-2" onClick={() => setAll(true)}>
          Show all {total} lines
        </Button>
      )}
      {whole?.truncated && <p className="px-3 py-2 text-small text-ink-3">The rest was too long to keep.</p>}
    </ScrollRegion>
  );
  if (!given.artifact_id) return body;
  // How much there is stands above what scrolls: nobody must take the beginning for all of it.
  return (
    <>
      <div className="border-b border-line bg-paper">
        {whole ? (
          <p className="px-3 py-1.5 text-small text-ink-2">
            The whole change: <LineCount added={added} removed={removed} />
          </p>
        ) : (
          <WholeText
            artifactId={given.artifact_id}
            chars={given.chars}
            what="change"
            auto={wholly}
            onText={(text) => setWhole(JSON.parse(text) as Diff)}
          />
        )}
      </div>
      {body}
    </>
  );
});

/** All that a call changes, one file below the other; with their names, where there are several. */
export function Diffs({
  diffs,
  wholly = false,
  className,
}: {
  diffs: readonly Diff[];
  /** Loads the whole of each by itself. */
  wholly?: boolean;
  className?: string;
}) {
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
      <DiffView diff={diff} wholly={wholly} className={className} />
    </div>
  ));
}
