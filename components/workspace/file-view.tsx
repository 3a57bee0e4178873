"use client";

import { useQueryClient } from "@tanstack/react-query";
import { Save } from "lucide-react";
import dynamic from "next/dynamic";
import { useAction } from "#client/action.ts";
import { asApiError } from "#client/api.ts";
import { revisionOf } from "#client/changes.ts";
import { readPath, saveFile, type WorkspaceFile } from "#client/files.ts";
import { useFormat } from "#client/locale.tsx";
import { useResource } from "#client/resource.ts";
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

/** What was typed and not saved, by path, with the file as it was read. */
export type Drafts = ReadonlyMap<string, { base: WorkspaceFile; text: string }>;

/** The file as it was read last, again when the agent may have changed it; and its saving. */
function useFile(path: string, onSaved: () => void) {
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
  const save = useAction(async (content: string, expectedHash: string) => {
    try {
      queries.setQueryData(key, await saveFile(session.id, { path, content, expectedHash }));
      onSaved();
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
  drafts,
  onDraft,
}: {
  path: string;
  drafts: Drafts;
  onDraft: (path: string, draft: { base: WorkspaceFile; text: string } | null) => void;
}) {
  const f = useFormat();
  const { drive: disabledReason } = useOpened().disabledReason;
  const { file, save } = useFile(path, () => onDraft(path, null));
  const command = useCommandKey();
  const latest = file.data ?? undefined;
  const draft = drafts.get(path);
  const base = draft?.base ?? latest;
  const text = draft?.text ?? latest?.content ?? "";
  const dirty = draft !== undefined && draft.text !== draft.base.content;
  const conflict = dirty && latest !== undefined && latest.hash !== draft.base.hash;
  const saveOver = (hash: string) => {
    if (disabledReason === undefined) save.run(text, hash);
  };

  return (
    <div className="flex min-h-0 min-w-0 flex-col">
      <PaneBar>
        <span className="fact min-w-0 truncate" title={path}>
          {path}
        </span>
        {base && <span className="text-ink-3">{f.bytes(base.size)}</span>}
        <span className="ml-auto flex items-center gap-2">
          {dirty && <span className="text-ink-2">Unsaved</span>}
          {base && base.content !== null && <CopyButton text={text} label={path} small />}
          {dirty && (
            <Button
              size="sm"
              off={save.pending || disabledReason !== undefined}
              title={disabledReason ?? `${command} S`}
              onClick={() => saveOver(draft.base.hash)}
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
        <Conflict path={path} mine={text} theirs={latest.content}>
          <Button size="sm" onClick={() => onDraft(path, null)}>
            Discard mine
          </Button>
          <Button size="sm" look="danger" onClick={() => saveOver(latest.hash)}>
            Overwrite with mine
          </Button>
        </Conflict>
      )}
      {base?.content === null && (
        <p className="p-4 text-ink-2">This file isn't text, so it can't be shown.</p>
      )}
      {base && base.content !== null && (
        <Editor
          key={path}
          path={path}
          text={text}
          readOnly={disabledReason !== undefined}
          onChange={(next) => {
            if (next !== text) onDraft(path, next === base.content ? null : { base, text: next });
          }}
          onSave={() => dirty && saveOver(base.hash)}
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
