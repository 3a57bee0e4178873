"use client";

import { useState } from "react";
import { useAction } from "#client/action.ts";
import { commit, readChanges, type SessionGit } from "#client/git.ts";
import { useResource } from "#client/resource.ts";
import { useOpened } from "../session/session-context.tsx";
import { Button } from "../ui/button.tsx";
import { Card } from "../ui/card.tsx";
import { TextField } from "../ui/field.tsx";
import { Loading, ReadProblem } from "../ui/loaded.tsx";
import { ActionProblem } from "../ui/problem-notice.tsx";
import { ScrollRegion } from "../ui/scroll-region.tsx";

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
  const [shown, setShown] = useState<string>();
  const [message, setMessage] = useState(repository.proposedMessage);
  const chosen = files.filter(({ path }) => !left.has(path));
  const committing = useAction(async () => {
    const all = left.size === 0;
    // A renamed file is two changes.
    const paths = chosen.flatMap(({ path, from }) => (from === undefined ? [path] : [from, path]));
    await commit(session.id, { folder: repository.folder, message: message.trim(), ...(!all && { paths }) });
    onDone();
  }, "Couldn't commit");
  const toggle = (path: string) =>
    setLeft((before) => {
      const next = new Set(before);
      if (!next.delete(path)) next.add(path);
      return next;
    });
  if (files.length === 0) return <p className="text-ink-2">Nothing has changed since the last commit.</p>;
  const blocked =
    disabledReason.drive ??
    (chosen.length === 0
      ? "Choose a file first."
      : message.trim() === ""
        ? "Write a message first."
        : undefined);
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
              </span>
              {shown === file.path && <FileChanges folder={repository.folder} path={file.path} />}
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
        <ActionProblem failure={committing.failure} />
        <div>
          <Button
            look="primary"
            action={committing}
            busy="Committing"
            off={blocked !== undefined}
            title={blocked}
          >
            {left.size === 0 ? "Commit all" : `Commit ${chosen.length} of ${files.length}`}
          </Button>
        </div>
      </div>
    </Card>
  );
}

const lineClass = (line: string) =>
  line.startsWith("+")
    ? "text-success"
    : line.startsWith("-")
      ? "text-danger"
      : line.startsWith("@@")
        ? "text-ink-3"
        : "";

/** What git says of one file. */
function FileChanges({ folder, path }: { folder: string; path: string }) {
  const { session } = useOpened();
  const read = useResource(
    ["git-changes", session.id, folder, path],
    async () => await readChanges(session.id, folder, path),
    {
      forget: true,
    },
  );
  if (read.data === undefined)
    return read.problem ? (
      <ReadProblem of={read} title="Couldn't read the change" />
    ) : (
      <Loading>Comparing</Loading>
    );
  const lines = read.data.split("\n").slice(0, 2_000);
  return (
    <ScrollRegion
      label={`Changes of ${path}`}
      className="mono max-h-80 overflow-auto rounded-sm bg-sunken p-2 text-small"
    >
      <pre>
        {lines.map((line, index) => (
          // oxlint-disable-next-line react/no-array-index-key -- lines of a text that does not change
          <div key={index} className={lineClass(line)}>
            {line === "" ? " " : line}
          </div>
        ))}
      </pre>
    </ScrollRegion>
  );
}
