"use client";

import { type ReactNode, useState } from "react";
import { type PatchFile, patchFiles } from "#client/patch.ts";
import { useFormat } from "#client/locale.tsx";
import { useResource } from "#client/resource.ts";
import {
  type Compared,
  compareCheckpoints,
  type Comparison,
  type LoggedCheckpoint,
  loggedCheckpoints,
} from "#client/saved.ts";
import { plural } from "#domain/plural.ts";
import { PatchLines, PatchMarks } from "../git/patch-view.tsx";
import { buttonClass } from "../ui/button-class.ts";
import { Dialog, DialogClose, DialogTitle } from "../ui/dialog.tsx";
import { Loaded, Loading } from "../ui/loaded.tsx";
import { Choice } from "../ui/select.tsx";
import { useOpened } from "./session-context.tsx";

/** A large layer for what differs. */
function Layer({ title, onClose, children }: { title: string; onClose: () => void; children: ReactNode }) {
  return (
    <Dialog
      onClose={onClose}
      className="flex max-h-[calc(100dvh-32px)] w-[920px] flex-col"
      title={<DialogTitle className="text-base font-semibold">{title}</DialogTitle>}
    >
      {children}
      <div className="mt-3 flex">
        <DialogClose className={buttonClass()}>Close</DialogClose>
      </div>
    </Dialog>
  );
}

/** What a turn has changed: between the checkpoints before and after it. */
export function TurnChangesDialog({
  title,
  runId,
  onClose,
}: {
  title: string;
  runId: string;
  onClose: () => void;
}) {
  return (
    <Layer title={title} onClose={onClose}>
      <Differences query={{ run: runId }} />
    </Layer>
  );
}

/** What differs between two checkpoints of the reader's choice, at first the last two. */
export function CompareDialog({ onClose }: { onClose: () => void }) {
  const { session } = useOpened();
  const checkpoints = useResource(
    ["checkpoints-logged", session.id],
    async () => await loggedCheckpoints(session.id),
    { forget: true },
  );
  return (
    <Layer title="Compare checkpoints" onClose={onClose}>
      <Loaded
        resource={checkpoints}
        failed="Couldn't load the checkpoints"
        loading={<Loading className="mt-2">Loading checkpoints</Loading>}
      >
        {(all) =>
          all.length < 2 ? (
            <p className="mt-2">There are two to compare once the session has been saved twice.</p>
          ) : (
            <Choosing all={all} />
          )
        }
      </Loaded>
    </Layer>
  );
}

function Choosing({ all }: { all: readonly LoggedCheckpoint[] }) {
  const f = useFormat();
  const [from, setFrom] = useState(all.at(-2)!.id);
  const [to, setTo] = useState(all.at(-1)!.id);
  const options = all
    .map(({ id, seq, at }) => ({ value: id, name: `${f.exact(at)}, event ${seq}` }))
    .toReversed();
  return (
    <>
      <div className="mt-2 grid grid-cols-2 gap-3 max-sm:grid-cols-1">
        <Choice label="From" value={from} options={options} onChange={setFrom} />
        <Choice label="To" value={to} options={options} onChange={setTo} />
      </div>
      <Differences query={{ from, to }} />
    </>
  );
}

function Differences({ query }: { query: Compared }) {
  const { session } = useOpened();
  const compared = useResource(
    ["compare", session.id, JSON.stringify(query)],
    async () => await compareCheckpoints(session.id, query),
    { forget: true },
  );
  return (
    <div className="mt-2 min-h-0 flex-1 overflow-auto">
      <Loaded
        resource={compared}
        failed="Couldn't compare what is saved"
        loading={<Loading>Comparing what is saved</Loading>}
      >
        {(comparison) => <Compare comparison={comparison} />}
      </Loaded>
    </div>
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
