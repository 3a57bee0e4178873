"use client";

import { useQueryClient } from "@tanstack/react-query";
import { Save } from "lucide-react";
import dynamic from "next/dynamic";
import { type ReactNode, useState } from "react";
import { useAction } from "#client/action.ts";
import { asApiError } from "#client/api.ts";
import { revisionOf } from "#client/changes.ts";
import { fileDraft, readDraft } from "#client/draft.ts";
import { type FileEntry, imageTypeOf, readPath, saveFile, type WorkspaceFile } from "#client/files.ts";
import { asEdited, asSaved } from "#client/line-ends.ts";
import { useResource } from "#client/resource.ts";
import type { FileDraft } from "#client/use-file-drafts.ts";
import { useCommandKey } from "#client/use-browser.ts";
import { DiffView } from "../session/diff-view.tsx";
import { useOpened, useSessionState } from "../session/session-context.tsx";
import { Button } from "../ui/button.tsx";
import { CopyButton } from "../ui/copy-button.tsx";
import { Icon } from "../ui/icon.tsx";
import { Loading, ReadProblem } from "../ui/loaded.tsx";
import { Notice } from "../ui/notice.tsx";
import { ActionProblem } from "../ui/problem-notice.tsx";
import { Segments } from "../ui/segments.tsx";
import { FileBar, ImageBody, PartBody } from "./file-bytes.tsx";
import { lossOf, UnsavedText } from "./unsaved-text.tsx";

const Editor = dynamic(async () => (await import("./editor.tsx")).Editor, {
  ssr: false,
  loading: () => <Loading className="p-3">Opening the editor</Loading>,
});

/** The file as it was read last, again when the agent may have changed it; and its saving. */
function useFile(path: string, onDraft: (path: string, draft: FileDraft | null) => void) {
  const { session } = useOpened();
  const queries = useQueryClient();
  const all = ["file", session.id, path];
  const file = useResource(
    [...all, revisionOf(useSessionState().view)],
    async () => {
      const answer = await readPath(session.id, path);
      return answer.kind === "file" ? answer : null;
    },
    { keep: true, forget: true },
  );
  /** Shows a file as it was saved just now, whatever is being read of it. */
  const show = async (saved: WorkspaceFile) => {
    const reading = queries.isFetching({ queryKey: all }) > 0;
    await queries.cancelQueries({ queryKey: all });
    queries.setQueriesData({ queryKey: all }, saved);
    if (reading) void queries.invalidateQueries({ queryKey: all });
  };
  const save = useAction(async (edited: string, before: Pick<WorkspaceFile, "content" | "hash">) => {
    try {
      const content = asSaved(before.content ?? "", edited);
      const saved = await saveFile(session.id, { path, content, expectedHash: before.hash });
      await show(saved);
      // Typed since it was sent, a text is unsaved again.
      const now = readDraft(fileDraft(session.id, path));
      onDraft(path, now && now.text !== edited ? { text: now.text, hash: saved.hash } : null);
    } catch (error) {
      if (asApiError(error).code !== "file_changed") throw error;
      // Read again, the page shows both.
      await queries.invalidateQueries({ queryKey: all });
    }
  }, "Couldn't save the file");
  return { file, save, show };
}

interface FileProps {
  path: string;
  /** What its folder says of it: undefined while that is being read, null where it says nothing. */
  entry: FileEntry | null | undefined;
  draft: FileDraft | undefined;
  onDraft: (path: string, draft: FileDraft | null) => void;
  /** Called with another path that its text was saved as. */
  onSaved: (path: string) => void;
}

const SHOWN_AS = [
  { value: false, name: "Image" },
  { value: true, name: "Text" },
];

/** A file: an image as such, a text to edit, anything else in part or as a download. */
export function FileView(props: FileProps) {
  const { path, entry, draft } = props;
  const type = imageTypeOf(path);
  // An SVG is both: drawn, and written.
  const isBoth = type === "image/svg+xml";
  const [asText, setAsText] = useState(draft !== undefined);
  const choice = isBoth && <Segments label="Show as" value={asText} items={SHOWN_AS} onChange={setAsText} />;
  if (type === undefined || (isBoth && asText)) return <TextFile {...props} choice={choice} />;
  return (
    <div className="flex min-h-0 min-w-0 flex-col">
      <FileBar path={path} size={entry?.size}>
        {choice}
      </FileBar>
      <ImageBody path={path} entry={entry} />
    </div>
  );
}

/** A text: shown to everybody, edited and saved by those who may. */
function TextFile({ path, entry, draft, onDraft, onSaved, choice }: FileProps & { choice: ReactNode }) {
  const { live } = useSessionState();
  const { drive } = useOpened().disabledReason;
  const disabledReason = live ? drive : "The session has ended.";
  const { file, save, show } = useFile(path, onDraft);
  const command = useCommandKey();
  const latest = file.data ?? undefined;
  const size = latest?.size ?? entry?.size;
  const stored = latest?.content === null ? null : asEdited(latest?.content ?? "");
  const text = draft?.text ?? stored ?? "";
  const dirty = draft !== undefined && latest !== undefined && draft.text !== stored;
  const conflict = dirty && latest.hash !== draft.hash;
  const isUtf8 = latest?.content !== null && latest?.encoding !== "unknown";
  const isPart = (latest !== undefined && !isUtf8) || file.problem?.kind === "file_too_large";
  const loss = draft && lossOf(file);
  const isText = latest !== undefined && !isPart && loss === undefined;
  const saved = async (as: WorkspaceFile) => {
    if (as.path === path) await show(as);
    onSaved(as.path);
  };
  const saveOver = (hash: string) => {
    if (disabledReason === undefined && latest) save.run(text, { content: latest.content, hash });
  };
  // What was typed stays typed over the file as it was read, until it is that again.
  const write = (next: string) => {
    if (latest && next !== text)
      onDraft(path, next === stored ? null : { text: next, hash: draft?.hash ?? latest.hash });
  };

  return (
    <div className="flex min-h-0 min-w-0 flex-col">
      <FileBar path={path} size={size}>
        {choice}
        {(dirty || loss) && <span className="text-ink-2">Unsaved</span>}
        {isText && <CopyButton text={text} label={path} small />}
        {dirty && loss === undefined && (
          <Button
            size="sm"
            off={save.pending || disabledReason !== undefined}
            title={disabledReason ?? `${command} S`}
            onClick={() => saveOver(draft.hash)}
          >
            <Icon as={Save} size="sm" />
            {save.pending ? "Saving" : "Save"}
          </Button>
        )}
      </FileBar>
      <div className="p-3 empty:hidden">
        {!isPart && (loss === undefined || loss === "unreadable") && (
          <ReadProblem of={file} title="Couldn't open the file" />
        )}
        <ActionProblem failure={save.failure} />
      </div>
      {draft && loss && (
        <UnsavedText
          path={path}
          draft={draft}
          loss={loss}
          onDraft={onDraft}
          onSaved={disabledReason === undefined ? saved : undefined}
        />
      )}
      {conflict && loss === undefined && (
        <Conflict path={path} mine={asSaved(latest.content ?? "", text)} theirs={latest.content}>
          <Button size="sm" off={save.pending} onClick={() => onDraft(path, null)}>
            Discard mine
          </Button>
          <Button size="sm" look="danger" off={save.pending} onClick={() => saveOver(latest.hash)}>
            Overwrite with mine
          </Button>
        </Conflict>
      )}
      {isPart && loss === undefined && <PartBody path={path} size={size} />}
      {isText && (
        <Editor
          key={path}
          path={path}
          text={text}
          readOnly={disabledReason !== undefined}
          onChange={write}
          onSave={() => dirty && saveOver(draft.hash)}
        />
      )}
    </div>
  );
}

/** Somebody else changed the file: what the reader's version would change in theirs, and the two ways on. */
function Conflict({
  path,
  mine,
  theirs,
  children,
}: {
  path: string;
  mine: string;
  theirs: string | null;
  children: ReactNode;
}) {
  return (
    <div className="max-h-[60%] overflow-auto p-3" data-testid="file-conflict">
      <Notice tone="warning" title="The file changed while you were editing it" alert actions={children}>
        <p>Nothing was saved. Below is what your version would change in the current file.</p>
      </Notice>
      <div className="mt-2 overflow-hidden rounded-sm border border-line">
        <DiffView diff={{ path, old_text: theirs, new_text: mine }} />
      </div>
    </div>
  );
}
