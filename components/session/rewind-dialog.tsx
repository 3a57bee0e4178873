"use client";

import { type ReactNode, useState } from "react";
import { type Action, useAction } from "#client/action.ts";
import { restoreFile, rewindSession, type RewindResponse, type RewindTo } from "#client/checkpoints.ts";
import { useResource } from "#client/resource.ts";
import { showToast } from "#client/toast.ts";
import { plural } from "#domain/plural.ts";
import { REWIND_LIMITS, type RewindPart } from "#domain/rewind.ts";
import { Button } from "../ui/button.tsx";
import { buttonClass } from "../ui/button-class.ts";
import { Dialog, DialogClose, DialogTitle } from "../ui/dialog.tsx";
import { Check, Field } from "../ui/field.tsx";
import { Loaded, Loading } from "../ui/loaded.tsx";
import { Notice } from "../ui/notice.tsx";
import { ActionProblem } from "../ui/problem-notice.tsx";
import { ScrollRegion } from "../ui/scroll-region.tsx";
import { Segments } from "../ui/segments.tsx";

/** What the dialog is opened for. */
export interface RewindAsk {
  to: RewindTo;
  title: string;
  what: RewindPart;
  /** What stands in the composer afterwards, where a message is to be sent again. */
  done?: () => void;
}

const PARTS: { value: RewindPart; name: string }[] = [
  { value: "both", name: "Both" },
  { value: "conversation", name: "Conversation" },
  { value: "files", name: "Files" },
];
const MARKS = { added: "added", changed: "changed", deleted: "deleted" } as const;

/** Asks what goes back, and shows what that changes, before it does. */
export function RewindDialog({
  sessionId,
  live,
  isProduction,
  ask: { to, title, what: first, done },
  onClose,
}: {
  sessionId: string;
  /** False where the session has ended, and goes on for it. */
  live: boolean;
  /** Whether what it pushes goes to production. */
  isProduction: boolean;
  ask: RewindAsk;
  onClose: () => void;
}) {
  const [what, setWhat] = useState(first);
  const [overwrite, setOverwrite] = useState<ReadonlySet<string>>(new Set());
  const [takesBack, setTakesBack] = useState(false);
  const [typed, setTyped] = useState("");
  const seen = useResource(
    ["rewind", sessionId, to, what],
    async () => await rewindSession(sessionId, { ...to, what, preview: true }),
    { forget: true },
  );
  const pushes = (seen.data?.pushes ?? []).slice(0, REWIND_LIMITS.maxPushes);
  const unconfirmed = pushes.length > 0 && takesBack && isProduction && typed !== "production";
  const rewind = useAction(async () => {
    // What is not ticked stays, also where there is more of it than is listed.
    await rewindSession(sessionId, {
      ...to,
      what,
      overwrite: [...overwrite],
      keep: ["/"],
      ...(pushes.length > 0 && takesBack && { takeBack: pushes }),
      ...(typed === "production" && { confirm: typed }),
    });
    onClose();
    done?.();
  }, "Couldn't rewind the session");
  const restore = useAction(
    async (path: string) => {
      const from = seen.data?.checkpointId;
      if (!from) return;
      // Who chooses this very file says so of it.
      await restoreFile(sessionId, from, path, true);
      onClose();
      showToast(`Restored ${path}`);
    },
    (path) => `Couldn't restore ${path}`,
  );
  const toggle = (path: string, on: boolean) => {
    const next = new Set(overwrite);
    if (on) next.add(path);
    else next.delete(path);
    setOverwrite(next);
  };
  return (
    <Dialog
      title={<DialogTitle className="text-base font-semibold">{title}</DialogTitle>}
      onClose={onClose}
      className="w-[520px]"
    >
      <p className="mt-1 text-ink-2">
        {live
          ? "What is there now is saved first, so you can undo this until the next message."
          : "The session continues in a new sandbox. You can undo this until the next message."}
      </p>
      <Segments label="What goes back" className="mt-3" value={what} items={PARTS} onChange={setWhat} />
      <div className="mt-3 min-h-24">
        <Loaded
          resource={seen}
          loading={<Loading>Comparing the files</Loading>}
          failed="Couldn't tell what would change"
        >
          {(preview) => (
            <>
              <PushesSince pushes={preview.pushes} takesBack={takesBack} onTakesBack={setTakesBack}>
                {isProduction && takesBack && (
                  <Field
                    fact
                    label="Type production to confirm"
                    value={typed}
                    onChange={({ target }) => setTyped(target.value)}
                  />
                )}
              </PushesSince>
              <Preview
                what={what}
                preview={preview}
                overwrite={overwrite}
                onOverwrite={toggle}
                onRestore={preview.checkpointId === null || !live ? undefined : restore}
              />
            </>
          )}
        </Loaded>
      </div>
      <ActionProblem failure={rewind.failure ?? restore.failure} />
      <div className="mt-4 flex flex-wrap gap-2">
        <DialogClose className={buttonClass()}>Cancel</DialogClose>
        <Button
          look="primary"
          action={rewind}
          busy="Rewinding"
          off={seen.data === undefined || seen.problem !== undefined || unconfirmed}
        >
          Rewind
        </Button>
      </div>
    </Dialog>
  );
}

/** Says what was pushed to the project since, and offers to take it back too. */
function PushesSince({
  pushes,
  takesBack,
  onTakesBack,
  children,
}: {
  pushes: readonly number[];
  takesBack: boolean;
  onTakesBack: (takesBack: boolean) => void;
  children: ReactNode;
}) {
  if (pushes.length === 0) return null;
  const shown = pushes.toSorted((a, b) => a - b).slice(0, 5);
  const isOne = pushes.length === 1;
  return (
    <div className="mb-3">
      <Notice
        tone="info"
        title={`${pushes.length} ${plural(pushes.length, "push", "pushes")} to the project since then`}
      >
        <label className="flex items-start gap-2">
          <Check
            type="checkbox"
            className="mt-0.5"
            checked={takesBack}
            onChange={() => onTakesBack(!takesBack)}
          />
          <span>
            Take {isOne ? "revision" : "revisions"} {shown.join(", ")}
            {pushes.length > shown.length && " and later"} back too
          </span>
        </label>
        <p className="mt-1 text-small text-ink-2">
          {takesBack
            ? "Nothing is rewound where somebody has changed the same definitions since."
            : `What you leave stays pushed. Once the files are back, Project lists what would take ${isOne ? "it" : "them"} back.`}
        </p>
        {children}
      </Notice>
    </div>
  );
}

function Preview({
  what,
  preview: { files, counts },
  overwrite,
  onOverwrite,
  onRestore,
}: {
  what: RewindPart;
  preview: RewindResponse;
  overwrite: ReadonlySet<string>;
  onOverwrite: (path: string, on: boolean) => void;
  onRestore: Action<[path: string]> | undefined;
}) {
  const all = counts.added + counts.changed + counts.deleted;
  const mine = files.filter(({ byHand }) => byHand);
  const others = files.filter(({ byHand }) => !byHand);
  if (what === "conversation")
    return <p className="text-ink-2">Later turns are set aside. The files stay as they are.</p>;
  if (all === 0) return <p className="text-ink-2">No file would change.</p>;
  return (
    <ScrollRegion className="max-h-64 overflow-auto" landmark={false} label="What would change">
      {mine.length > 0 && (
        <fieldset className="mb-3">
          <legend className="font-medium">
            Changed by hand. {plural(mine.length, "It stays", "They stay")} unless you tick{" "}
            {plural(mine.length, "it", "them")}.
          </legend>
          {mine.map(({ path, change }) => (
            <div key={path} className="flex items-center gap-2">
              <label className="flex min-h-7 min-w-0 flex-1 items-center gap-2 touch:min-h-11">
                <input
                  type="checkbox"
                  checked={overwrite.has(path)}
                  onChange={({ target }) => onOverwrite(path, target.checked)}
                />
                <span className="fact min-w-0 flex-1 truncate" title={path}>
                  {path}
                </span>
                <span className="text-small text-ink-3">overwrite, {MARKS[change]}</span>
              </label>
              {onRestore && change !== "deleted" && <OnlyThis path={path} restore={onRestore} />}
            </div>
          ))}
        </fieldset>
      )}
      {others.length > 0 && (
        <ul aria-label="Files that change">
          {others.map(({ path, change }) => (
            <li key={path} className="flex min-h-6 items-center gap-2">
              <span className="fact min-w-0 flex-1 truncate" title={path}>
                {path}
              </span>
              <span className="text-small text-ink-3">{MARKS[change]}</span>
              {onRestore && change !== "deleted" && <OnlyThis path={path} restore={onRestore} />}
            </li>
          ))}
        </ul>
      )}
      {all > REWIND_LIMITS.maxListed && <p className="text-ink-3">And {all - files.length} more.</p>}
    </ScrollRegion>
  );
}

/** Brings back one file, and leaves all else as it is. */
function OnlyThis({ path, restore }: { path: string; restore: Action<[path: string]> }) {
  const isGoing = restore.pending && restore.args?.[0] === path;
  const words = isGoing ? "Restoring" : "Only this file";
  return (
    <Button
      size="sm"
      look="quiet"
      off={restore.pending}
      aria-label={`${words}, ${path}`}
      onClick={() => restore.run(path)}
    >
      {words}
    </Button>
  );
}
