"use client";

import { type ReactNode, useState } from "react";
import type { PatchFile, PatchHunk } from "#client/patch.ts";
import { FIRST_ROWS, firstRows, HunkRows, LineCount } from "../session/diff-view.tsx";
import { Button } from "../ui/button.tsx";
import { Chip } from "../ui/chip.tsx";
import { cn } from "../ui/cn.ts";
import { codeClass } from "../ui/code.ts";
import { ScrollRegion } from "../ui/scroll-region.tsx";

const KINDS = {
  changed: undefined,
  new: { name: "new", tone: "success" },
  deleted: { name: "deleted", tone: "danger" },
  renamed: { name: "renamed", tone: "info" },
  copied: { name: "copied", tone: "info" },
} as const;

/** What a change of a file's mode means. https://git-scm.com/book/en/v2/Git-Internals-Git-Objects */
function modeWords({ before, after }: { before: string; after: string }): string {
  if (after === "120000") return "now a link";
  if (before === "120000") return "no longer a link";
  if (after === "160000" || before === "160000") return "submodule";
  return after === "100755" ? "now executable" : "no longer executable";
}

/** What git says of a file besides its lines. */
export function PatchMarks({ file }: { file: PatchFile }) {
  const kind = KINDS[file.kind];
  return (
    <>
      <span className="fact">
        {file.isBinary ? "binary" : <LineCount added={file.added} removed={file.removed} />}
      </span>
      {kind && <Chip tone={kind.tone}>{kind.name}</Chip>}
      {file.modes && file.modes.before !== file.modes.after && <Chip>{modeWords(file.modes)}</Chip>}
      {file.from !== undefined && (
        <span className="min-w-0 truncate text-small text-ink-2" title={file.from}>
          from <span className="fact">{file.from}</span>
        </span>
      )}
    </>
  );
}

/** The lines that git says have changed in a file. */
export function PatchLines({
  file,
  split = false,
  renderAside,
  renderBelow,
  className,
}: {
  file: PatchFile;
  /** Both sides beside each other. */
  split?: boolean;
  /** Stands behind a hunk's header. */
  renderAside?: (hunk: PatchHunk, index: number) => ReactNode;
  /** Stands between a hunk's header and its lines. */
  renderBelow?: (hunk: PatchHunk) => ReactNode;
  className?: string;
}) {
  const [all, setAll] = useState(false);
  const total = file.hunks.reduce((sum, { lines }) => sum + lines.length, 0);
  const shown = all ? file.hunks : firstRows(file.hunks, FIRST_ROWS);
  if (total === 0)
    return (
      <p className="px-3 py-2 text-small text-ink-2">
        {file.isBinary ? "A binary file: it has no lines to show." : "Its text is the same."}
      </p>
    );
  return (
    <ScrollRegion className={cn(codeClass, className)} landmark={false} label={`Changes of ${file.path}`}>
      <div className={split ? "w-full min-w-full" : "w-max min-w-full"}>
        {shown.map((hunk, index) => (
          <HunkRows
            key={hunk.header}
            hunk={hunk}
            split={split}
            aside={renderAside?.(hunk, index)}
            below={renderBelow?.(hunk)}
          />
        ))}
      </div>
      {!all && total > FIRST_ROWS && (
        <Button size="sm" className="m-2" onClick={() => setAll(true)}>
          Show all {total} lines
        </Button>
      )}
    </ScrollRegion>
  );
}
