"use client";

import { useQueryClient } from "@tanstack/react-query";
import { Save } from "lucide-react";
import dynamic from "next/dynamic";
import { useAction } from "#client/action.ts";
import { asApiError } from "#client/api.ts";
import { revisionOf } from "#client/changes.ts";
import { fileDraft, readDraft } from "#client/draft.ts";
import { readPath, saveFile, type WorkspaceFile } from "#client/files.ts";
import { asEdited, asSaved } from "#client/line-ends.ts";
import { useFormat } from "#client/locale.tsx";
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
import { PaneBar } from "../ui/pane-bar.tsx";
import { ActionProblem } from "../ui/problem-notice.tsx";

const Editor = dynamic(async () => (await import("./editor.tsx")).Editor, {
  ssr: false,
  loading: () => <Loading className="p-3">Opening the editor</Loading>,
});

/** The file as it was read last, again when the agent may have changed it; and its saving. */
function useFile(path: string, onDraft: (path: string, draft: FileDraft | null) => void) {
  const { session } = useOpened();
  const queries = useQueryClient();
  const key = ["file", session.id, path, revisionOf(useSessionState().view)];
  const file = useResource(
    key,
    async () => {
      const answer = await readPath(session.id, path);
      return answer.kind === "file" ? answer : null;
    },
    { keep: true },
  );
  const save = useAction(async (edited: string, before: Pick<WorkspaceFile, "content" | "hash">) => {
    try {
      const content = asSaved(before.content ?? "", edited);
      const saved = await saveFile(session.id, { path, content, expectedHash: before.hash });
      queries.setQueryData(key, saved);
      // Typed since it was sent, a text is unsaved again.
      const now = readDraft(fileDraft(session.id, path));
      onDraft(path, now && now.text !== edited ? { text: now.text, hash: saved.hash } : null);
    } catch (error) {
      if (asApiError(error).code !== "file_changed") throw error;
      // Read again, the page shows both.
      await queries.invalidateQueries({ queryKey: key });
    }
  }, "Couldn't save the file");
  return { file, save };
}

/** A file: shown to everybody, edited and saved by those who may. */
export function FileView({
  path,
  draft,
  onDraft,
}: {
  path: string;
  draft: FileDraft | undefined;
  onDraft: (path: string, draft: FileDraft | null) => void;
}) {
  const f = useFormat();
  const { drive: disabledReason } = useOpened().disabledReason;
  const { file, save } = useFile(path, onDraft);
  const command = useCommandKey();
  const latest = file.data ?? undefined;
  const stored = latest?.content === null ? null : asEdited(latest?.content ?? "");
  const text = draft?.text ?? stored ?? "";
  const dirty = draft !== undefined && latest !== undefined && draft.text !== stored;
  const conflict = dirty && latest.hash !== draft.hash;
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
      <PaneBar>
        <span className="fact min-w-0 truncate" title={path}>
          {path}
        </span>
        {latest && <span className="text-ink-3">{f.bytes(latest.size)}</span>}
        <span className="ml-auto flex items-center gap-2">
          {dirty && <span className="text-ink-2">Unsaved</span>}
          {latest && latest.content !== null && <CopyButton text={text} label={path} small />}
          {dirty && (
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
        </span>
      </PaneBar>
      <div className="p-3 empty:hidden">
        <ReadProblem of={file} title="Couldn't open the file" />
        <ActionProblem failure={save.failure} />
      </div>
      {conflict && (
        <Conflict path={path} mine={asSaved(latest.content ?? "", text)} theirs={latest.content}>
          <Button size="sm" onClick={() => onDraft(path, null)}>
            Discard mine
          </Button>
          <Button size="sm" look="danger" onClick={() => saveOver(latest.hash)}>
            Overwrite with mine
          </Button>
        </Conflict>
      )}
      {latest?.content === null && (
        <p className="p-4 text-ink-2">This file isn't text, so it can't be shown.</p>
      )}
      {latest && latest.content !== null && (
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
  children: React.ReactNode;
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
