"use client";

import { type PatchFile, patchFiles } from "#client/patch.ts";
import { useFormat } from "#client/locale.tsx";
import { useResource } from "#client/resource.ts";
import { type Compared, compareCheckpoints } from "#client/saved.ts";
import type { Comparison } from "#contracts/saved.ts";
import { plural } from "#domain/plural.ts";
import { PatchLines, PatchMarks } from "../git/patch-view.tsx";
import { buttonClass } from "../ui/button-class.ts";
import { Dialog, DialogClose, DialogTitle } from "../ui/dialog.tsx";
import { Loaded, Loading } from "../ui/loaded.tsx";
import { useOpened } from "./session-context.tsx";

/** What differs between two checkpoints of the session, or before and after a turn. */
export function CompareDialog({
  title,
  query,
  onClose,
}: {
  title: string;
  query: Compared;
  onClose: () => void;
}) {
  const { session } = useOpened();
  const compared = useResource(
    ["compare", session.id, JSON.stringify(query)],
    async () => await compareCheckpoints(session.id, query),
    { forget: true },
  );
  return (
    <Dialog
      onClose={onClose}
      className="flex max-h-[calc(100dvh-32px)] w-[920px] flex-col"
      title={<DialogTitle className="text-base font-semibold">{title}</DialogTitle>}
    >
      <div className="mt-2 min-h-0 flex-1 overflow-auto">
        <Loaded
          resource={compared}
          failed="Couldn't compare what is saved"
          loading={<Loading>Comparing what is saved</Loading>}
        >
          {(comparison) => <Compare comparison={comparison} />}
        </Loaded>
      </div>
      <div className="mt-3 flex">
        <DialogClose className={buttonClass()}>Close</DialogClose>
      </div>
    </Dialog>
  );
}

function Compare({ comparison: { from, to, files, patch, truncated } }: { comparison: Comparison }) {
  const f = useFormat();
  const shown = new Map<string, PatchFile>(patchFiles(patch).map((file) => [file.path, file]));
  return (
    <>
      <p className="text-small text-ink-2">
        {from
          ? `Between what was saved ${f.exact(from.savedAt)} and ${f.exact(to.savedAt)}.`
          : `Everything that was saved ${f.exact(to.savedAt)}: nothing had been saved before.`}{" "}
        {files.length} {plural(files.length, "file", "files")}, by hand or by the agent
        {truncated && "; there's more than is shown here"}.
      </p>
      {files.length === 0 && <p className="mt-2">No file has changed.</p>}
      <ul className="mt-2 grid gap-2">
        {files.map(({ path, change }) => {
          const file = shown.get(path);
          return (
            <li key={path} className="overflow-hidden rounded-sm border border-line">
              <p className="flex items-center gap-3 border-b border-line bg-desk px-3 py-1 text-small">
                <span className="mono min-w-0 truncate" title={path}>
                  {path}
                </span>
                {file ? <PatchMarks file={file} /> : <span className="text-ink-3">{change}, not shown</span>}
              </p>
              {file && <PatchLines file={file} className="max-h-[420px]" />}
            </li>
          );
        })}
      </ul>
    </>
  );
}
