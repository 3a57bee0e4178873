"use client";

import { useMemo, useState } from "react";
import { useAction } from "#client/action.ts";
import { discard, readChanges, type SessionGit, type Since } from "#client/git.ts";
import { setLayout, useLayout } from "#client/layout.ts";
import { partOf, type PatchFile, patchFiles } from "#client/patch.ts";
import { useResource } from "#client/resource.ts";
import { type LineComment, placeOf, reviewMessage } from "#client/review.ts";
import { NARROW, useMedia } from "#client/use-browser.ts";
import { useOpenFile } from "#client/use-open-file.ts";
import { useOpened, useSessionState } from "../session/session-context.tsx";
import { Button } from "../ui/button.tsx";
import { Card, Empty } from "../ui/card.tsx";
import { Confirm } from "../ui/dialog.tsx";
import { Loading, ReadProblem } from "../ui/loaded.tsx";
import { ActionProblem } from "../ui/problem-notice.tsx";
import { Segments } from "../ui/segments.tsx";
import { Choice } from "../ui/select.tsx";
import { LineCommentForm } from "./line-comment.tsx";
import { PatchLines, PatchMarks } from "./patch-view.tsx";

const VIEWS = [
  { value: false, name: "Unified" },
  { value: true, name: "Split" },
];
/** Files are open at first until so many lines are drawn. */
const OPEN_LINES = 600;

/** Which files stand open before anybody has chosen. */
function openAtFirst(files: readonly PatchFile[]): ReadonlySet<string> {
  let lines = 0;
  const open = files.filter((file) => {
    lines += file.hunks.reduce((sum, hunk) => sum + hunk.lines.length, 0);
    return lines <= OPEN_LINES;
  });
  return new Set(open.map(({ path }) => path));
}

/** What has changed in a repository since a chosen point, to be read, commented on and taken back. */
export function Review({ repository, onChange }: { repository: SessionGit; onChange: () => void }) {
  const { session, disabledReason } = useOpened();
  const { outbox } = useSessionState();
  const { splitDiff } = useLayout();
  const narrow = useMedia(NARROW);
  const [point, setPoint] = useState("start");
  const [comments, setComments] = useState<readonly LineComment[]>([]);
  const [asked, setAsked] = useState<{ name: string; patch: string }>();
  const { folder, base, work } = repository;
  const since: Since =
    point === "start" || point === "commit" || point === "base" ? point : { commit: point };
  const read = useResource(
    ["git-review", session.id, folder, point, work?.head],
    async () => await readChanges(session.id, folder, since),
    { forget: true },
  );
  const files = useMemo(() => patchFiles(read.data ?? ""), [read.data]);
  const takeBack = useAction(async (patch: string) => {
    await discard(session.id, { folder, patch });
    read.retry();
    onChange();
  }, "Couldn't take the change back");
  const points = [
    { value: "start", name: "Since the session's start" },
    { value: "commit", name: "Since the last commit" },
    ...(base.ref?.startsWith("refs/heads/")
      ? [{ value: "base", name: `Against ${base.ref.slice("refs/heads/".length)}` }]
      : []),
    ...(work?.commits ?? []).map(({ commit, subject }) => ({
      value: commit,
      name: `${commit.slice(0, 8)} ${subject.slice(0, 60)}`,
    })),
  ];
  return (
    <div className="grid grid-cols-[minmax(0,1fr)] gap-4">
      <div className="flex flex-wrap items-end gap-3">
        <Choice label="Changes" value={point} onChange={setPoint} options={points} />
        <Segments
          label="Diff view"
          className="max-sm:hidden"
          value={splitDiff}
          items={VIEWS}
          onChange={(value) => setLayout({ splitDiff: value })}
        />
      </div>
      <ReadProblem of={read} title="Couldn't read the changes" />
      <ActionProblem failure={takeBack.failure} />
      {comments.length > 0 && (
        <Comments
          comments={comments}
          off={disabledReason.drive}
          onRemove={(gone) => setComments(comments.filter((one) => one !== gone))}
          onSend={() => {
            outbox.send.run(reviewMessage(comments));
            setComments([]);
          }}
        />
      )}
      {read.data === undefined ? (
        read.loading && <Loading>Comparing</Loading>
      ) : files.length === 0 ? (
        <Empty title="No changes">Nothing differs from there.</Empty>
      ) : (
        <Files
          key={point}
          files={files}
          folder={folder}
          split={splitDiff && !narrow}
          off={disabledReason.drive}
          onComment={(comment) => setComments([...comments, comment])}
          onTakeBack={setAsked}
        />
      )}
      <Confirm
        open={asked !== undefined}
        onClose={() => setAsked(undefined)}
        title={`Take back ${asked?.name ?? ""}?`}
        confirm="Take back"
        cancel="Keep it"
        onConfirm={() => asked && takeBack.run(asked.patch)}
      >
        The workspace gets what was there before. What isn't committed can't be restored.
      </Confirm>
    </div>
  );
}

/** Comments that are not sent yet. */
function Comments({
  comments,
  off,
  onRemove,
  onSend,
}: {
  comments: readonly LineComment[];
  off: string | undefined;
  onRemove: (comment: LineComment) => void;
  onSend: () => void;
}) {
  return (
    <Card>
      <div className="grid gap-2 p-3">
        <ul className="grid gap-2" aria-label="Comments">
          {comments.map((comment) => (
            <li
              key={`${comment.path} ${placeOf(comment.line)} ${comment.text}`}
              className="flex items-start gap-2"
            >
              <span className="min-w-0 wrap-anywhere">
                <span className="fact text-small text-ink-2">
                  {comment.path}, {placeOf(comment.line)}
                </span>
                <br />
                {comment.text}
              </span>
              <Button
                size="sm"
                className="ml-auto"
                aria-label={`Remove the comment on ${comment.path}`}
                onClick={() => onRemove(comment)}
              >
                Remove
              </Button>
            </li>
          ))}
        </ul>
        <div>
          <Button look="primary" off={off !== undefined} title={off} onClick={onSend}>
            {comments.length === 1 ? "Send the comment" : `Send ${comments.length} comments`}
          </Button>
        </div>
      </div>
    </Card>
  );
}

function Files({
  files,
  folder,
  split,
  off,
  onComment,
  onTakeBack,
}: {
  files: readonly PatchFile[];
  folder: string;
  split: boolean;
  off: string | undefined;
  onComment: (comment: LineComment) => void;
  onTakeBack: (asked: { name: string; patch: string }) => void;
}) {
  const { session } = useOpened();
  const { panels } = useSessionState();
  const [, openFile] = useOpenFile(session.id);
  const [open, setOpen] = useState(() => openAtFirst(files));
  const [commented, setCommented] = useState<string>();
  const toggle = (path: string) => {
    const next = new Set(open);
    if (!next.delete(path)) next.add(path);
    setOpen(next);
  };
  return (
    <ul className="grid gap-3" aria-label="Compared files">
      {files.map((file) => (
        <li key={file.path} className="rounded-sm border border-line">
          <div className="flex flex-wrap items-center gap-2 bg-paper px-3 py-1.5">
            <button
              type="button"
              className="fact min-h-6 min-w-0 truncate text-start"
              aria-expanded={open.has(file.path)}
              onClick={() => toggle(file.path)}
            >
              {file.path}
            </button>
            <PatchMarks file={file} />
            <span className="ml-auto inline-flex gap-2">
              {file.kind !== "deleted" && (
                <Button
                  size="sm"
                  aria-label={`Open ${file.path}`}
                  onClick={() => {
                    openFile(`${folder}/${file.path}`);
                    panels.show("files");
                  }}
                >
                  Open
                </Button>
              )}
              {!file.isBinary && (
                <Button
                  size="sm"
                  aria-label={`Take back ${file.path}`}
                  off={off !== undefined}
                  title={off}
                  onClick={() => onTakeBack({ name: file.path, patch: file.patch })}
                >
                  Take back
                </Button>
              )}
            </span>
          </div>
          {open.has(file.path) && (
            <PatchLines
              file={file}
              split={split}
              renderAside={(hunk, index) => (
                <span className="ml-auto inline-flex gap-2 font-sans">
                  <Button
                    size="sm"
                    aria-label={`Comment on ${file.path}, change ${index + 1}`}
                    onClick={() => setCommented(`${file.path}\0${hunk.header}`)}
                  >
                    Comment
                  </Button>
                  {file.kind === "changed" && file.hunks.length > 1 && (
                    <Button
                      size="sm"
                      aria-label={`Take back ${file.path}, change ${index + 1}`}
                      off={off !== undefined}
                      title={off}
                      onClick={() =>
                        onTakeBack({
                          name: `change ${index + 1} of ${file.path}`,
                          patch: partOf(file, file.hunks.slice(index, index + 1), "takeBack"),
                        })
                      }
                    >
                      Take back
                    </Button>
                  )}
                </span>
              )}
              renderBelow={(hunk) =>
                commented === `${file.path}\0${hunk.header}` && (
                  <LineCommentForm
                    lines={hunk.lines}
                    onCancel={() => setCommented(undefined)}
                    onAdd={(line, text) => {
                      onComment({ path: `${folder}/${file.path}`, line, text });
                      setCommented(undefined);
                    }}
                  />
                )
              }
            />
          )}
        </li>
      ))}
    </ul>
  );
}
