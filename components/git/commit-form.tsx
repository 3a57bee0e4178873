"use client";

import { useState } from "react";
import { useAction } from "#client/action.ts";
import { commit, discard, proposeMessage, readChanges, type SessionGit } from "#client/git.ts";
import { useFormat } from "#client/locale.tsx";
import { partOf, type PatchFile, patchFiles, type PatchHunk } from "#client/patch.ts";
import { useResource } from "#client/resource.ts";
import { useOpened } from "../session/session-context.tsx";
import { Button } from "../ui/button.tsx";
import { Card } from "../ui/card.tsx";
import { Confirm } from "../ui/dialog.tsx";
import { TextField } from "../ui/field.tsx";
import { Loading, ReadProblem } from "../ui/loaded.tsx";
import { ActionProblem } from "../ui/problem-notice.tsx";
import { PatchLines, PatchMarks } from "./patch-view.tsx";

type Files = NonNullable<SessionGit["work"]>["files"];

const MARKS: Record<string, string> = {
  "?": "new",
  A: "new",
  M: "changed",
  D: "deleted",
  R: "renamed",
  C: "copied",
  T: "other kind",
  U: "conflict",
};
const markOf = ({ staged, unstaged }: Files[number]) =>
  MARKS[unstaged === "." ? staged : unstaged] ?? "changed";

/** Files of which some changes are left out: by their headers. */
type Parts = ReadonlyMap<string, { file: PatchFile; left: ReadonlySet<string> }>;

/** A renamed file is two changes. */
const pathsOf = ({ path, from }: Files[number]) => (from === undefined ? [path] : [from, path]);

/** Whether some of a file's changes can be committed without the others. */
const mayBeParted = (file: PatchFile) => file.kind === "changed" && file.hunks.length > 1;

/** The changed files, of which some are committed with a message. */
export function CommitForm({
  repository,
  files,
  truncated,
  onDone,
}: {
  repository: SessionGit;
  files: Files;
  truncated: boolean;
  onDone: () => void;
}) {
  const { session, disabledReason } = useOpened();
  const [left, setLeft] = useState<ReadonlySet<string>>(new Set());
  const [parts, setParts] = useState<Parts>(new Map());
  const [asked, setAsked] = useState<Files[number]>();
  const [shown, setShown] = useState<string>();
  const [message, setMessage] = useState(repository.proposedMessage);
  const chosen = files.filter(({ path }) => !left.has(path));
  const [proposal, setProposal] = useState<{ model: string; costMicroUsd: number | null; before: string }>();
  const f = useFormat();
  /** What is to be committed: undefined fields where it is all. */
  const choice = () => {
    const parted = chosen.flatMap(({ path }) => parts.get(path) ?? []).filter((part) => part.left.size > 0);
    const all = left.size === 0 && parted.length === 0;
    const patch = parted.map(({ file, left: out }) =>
      partOf(
        file,
        file.hunks.filter(({ header }) => !out.has(header)),
        "apply",
      ),
    );
    const whole = chosen.filter(({ path }) => !parted.some(({ file }) => file.path === path));
    const paths = whole.flatMap(pathsOf);
    return {
      folder: repository.folder,
      ...(!all && paths.length > 0 && { paths }),
      ...(patch.length > 0 && { patch: patch.join("") }),
    };
  };
  const committing = useAction(async () => {
    await commit(session.id, { ...choice(), message: message.trim() });
    onDone();
  }, "Couldn't commit");
  const proposing = useAction(async () => {
    const { message: proposed, ...rest } = await proposeMessage(session.id, choice());
    setMessage(proposed);
    setProposal({ ...rest, before: message });
  }, "Couldn't propose a message");
  const discarding = useAction(async (file: Files[number]) => {
    await discard(session.id, { folder: repository.folder, paths: pathsOf(file) });
    onDone();
  }, "Couldn't discard the changes");
  const togglePart = (file: PatchFile, hunk: PatchHunk) => {
    const out = new Set(parts.get(file.path)?.left);
    if (!out.delete(hunk.header)) out.add(hunk.header);
    // A file of which nothing is chosen is not chosen itself.
    const none = out.size === file.hunks.length;
    setParts(new Map(parts).set(file.path, { file, left: none ? new Set() : out }));
    if (none === !left.has(file.path)) toggle(file.path);
  };
  const toggle = (path: string) =>
    setLeft((before) => {
      const next = new Set(before);
      if (!next.delete(path)) next.add(path);
      return next;
    });
  if (files.length === 0) return <p className="text-ink-2">Nothing has changed since the last commit.</p>;
  const isParted = chosen.some(({ path }) => (parts.get(path)?.left.size ?? 0) > 0);
  const unready = disabledReason.drive ?? (chosen.length === 0 ? "Choose a file first." : undefined);
  const blocked = unready ?? (message.trim() === "" ? "Write a message first." : undefined);
  return (
    <Card>
      <div className="grid grid-cols-[minmax(0,1fr)] gap-3 p-3">
        <ul className="grid gap-1" aria-label="Changed files">
          {files.map((file) => (
            <li key={file.path} className="grid gap-1">
              <span className="flex items-center gap-2">
                <input
                  type="checkbox"
                  className="size-4 shrink-0"
                  aria-label={`Commit ${file.path}`}
                  checked={!left.has(file.path)}
                  onChange={() => toggle(file.path)}
                />
                <button
                  type="button"
                  className="fact min-h-6 min-w-0 truncate text-start"
                  aria-expanded={shown === file.path}
                  onClick={() => setShown(shown === file.path ? undefined : file.path)}
                >
                  {file.path}
                </button>
                <span className="ml-auto text-small text-ink-2">{markOf(file)}</span>
                <Button
                  size="sm"
                  aria-label={`Discard the changes of ${file.path}`}
                  off={disabledReason.drive !== undefined}
                  title={disabledReason.drive}
                  onClick={() => setAsked(file)}
                >
                  Discard
                </Button>
              </span>
              {shown === file.path && (
                <FileChanges
                  folder={repository.folder}
                  path={file.path}
                  left={parts.get(file.path)?.left}
                  onToggle={togglePart}
                />
              )}
            </li>
          ))}
        </ul>
        {truncated && (
          <p className="text-small text-ink-2">
            There are more than can be listed. A commit of all files has them too.
          </p>
        )}
        <TextField
          label="Message"
          value={message}
          onChange={({ target }) => setMessage(target.value)}
          rows={3}
          maxLength={10_000}
          hint="You're its author, and the agent its co-author."
        />
        <ActionProblem failure={committing.failure ?? discarding.failure ?? proposing.failure} />
        <div className="flex flex-wrap items-center gap-2">
          <Button
            action={proposing}
            busy="Proposing"
            off={unready !== undefined}
            title={unready ?? `${session.model} reads the chosen changes and writes a message`}
          >
            Propose message
          </Button>
          <Button
            look="primary"
            action={committing}
            busy="Committing"
            off={blocked !== undefined}
            title={blocked}
          >
            {left.size === 0 && !isParted
              ? "Commit all"
              : `Commit ${isParted ? "parts of " : ""}${chosen.length} of ${files.length}`}
          </Button>
          {proposal && (
            <output className="text-small text-ink-3">
              Proposed by {proposal.model}
              {proposal.costMicroUsd !== null && ` for ${f.dollars(proposal.costMicroUsd)}`}
            </output>
          )}
          {proposal && proposal.before.trim() !== "" && (
            <Button
              size="sm"
              onClick={() => {
                setMessage(proposal.before);
                setProposal(undefined);
              }}
            >
              Undo
            </Button>
          )}
        </div>
        <Confirm
          open={asked !== undefined}
          onClose={() => setAsked(undefined)}
          title={`Discard the changes of ${asked?.path ?? ""}?`}
          confirm="Discard"
          cancel="Keep them"
          onConfirm={() => asked && discarding.run(asked)}
        >
          {asked?.unstaged === "?"
            ? "The file is new, so it's deleted. It can't be restored."
            : "The file goes back to the last commit. What isn't committed can't be restored."}
        </Confirm>
      </div>
    </Card>
  );
}

/** What has changed in one file since the last commit, place by place. */
function FileChanges({
  folder,
  path,
  left,
  onToggle,
}: {
  folder: string;
  path: string;
  left: ReadonlySet<string> | undefined;
  onToggle: (file: PatchFile, hunk: PatchHunk) => void;
}) {
  const { session } = useOpened();
  const read = useResource(
    ["git-changes", session.id, folder, path],
    async () => await readChanges(session.id, folder, "commit", path),
    { forget: true },
  );
  if (read.data === undefined)
    return read.problem ? (
      <ReadProblem of={read} title="Couldn't read the change" />
    ) : (
      <Loading>Comparing</Loading>
    );
  return patchFiles(read.data).map((file) => (
    <div key={file.path} className="grid grid-cols-[minmax(0,1fr)] gap-1">
      <span className="flex flex-wrap items-center gap-2">
        <PatchMarks file={file} />
      </span>
      <PatchLines
        file={file}
        className="max-h-80"
        renderAside={(hunk, index) =>
          mayBeParted(file) && (
            <label className="ml-auto inline-flex items-center gap-1.5 font-sans">
              <input
                type="checkbox"
                className="size-4"
                aria-label={`Commit change ${index + 1} of ${file.path}`}
                checked={!left?.has(hunk.header)}
                onChange={() => onToggle(file, hunk)}
              />
              Commit
            </label>
          )
        }
      />
    </div>
  ));
}
