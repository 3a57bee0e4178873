"use client";

import { Save } from "lucide-react";
import dynamic from "next/dynamic";
import { useEffect, useState } from "react";
import { type ApiError, asApiError } from "../../lib/client/api.ts";
import { readPath, saveFile, type WorkspaceFile } from "../../lib/client/files.ts";
import { useFormat } from "../../lib/client/locale.tsx";
import { useCommandKey } from "../../lib/client/use-browser.ts";
import { CopyButton } from "../common/copy-button.tsx";
import { ProblemNotice } from "../common/problem-notice.tsx";
import { DiffView } from "../session/diff-view.tsx";
import { Notice } from "../ui/notice.tsx";

const Editor = dynamic(async () => (await import("./editor.tsx")).Editor, {
  ssr: false,
  loading: () => <p className="bones p-3 text-small text-ink-3">Opening the editor</p>,
});

/** What was typed and not saved, by path, with the file as it was read. */
export type Drafts = ReadonlyMap<string, { base: WorkspaceFile; text: string }>;

/** A file: read again when the agent may have changed it, edited and saved by those who may. */
export function FileView({
  sessionId,
  path,
  revision,
  disabledReason,
  drafts,
  onDraft,
}: {
  sessionId: string;
  path: string;
  revision: number;
  /** Why the reader may not save; undefined where they may. */
  disabledReason: string | undefined;
  drafts: Drafts;
  onDraft: (path: string, draft: { base: WorkspaceFile; text: string } | null) => void;
}) {
  const f = useFormat();
  const [latest, setLatest] = useState<WorkspaceFile>();
  /** The revision that `latest` belongs to; undefined where it must be read (again). */
  const [loadedRevision, setLoadedRevision] = useState<number>();
  const [problem, setProblem] = useState<{ title: string; error: ApiError }>();
  const [saving, setSaving] = useState(false);
  const command = useCommandKey();
  const draft = drafts.get(path);
  const base = draft?.base ?? latest;
  const text = draft?.text ?? latest?.content ?? "";
  const dirty = draft !== undefined && draft.text !== draft.base.content;
  const conflict = dirty && latest !== undefined && latest.hash !== draft.base.hash;

  useEffect(() => {
    if (loadedRevision === revision) return;
    let gone = false;
    readPath(sessionId, path).then(
      (answer) => {
        if (gone) return;
        if (answer.kind === "file") setLatest(answer);
        setProblem(undefined);
        setLoadedRevision(revision);
      },
      (error: unknown) => {
        if (gone) return;
        setProblem({ title: "Couldn't open the file", error: asApiError(error) });
        setLoadedRevision(revision);
      },
    );
    return () => {
      gone = true;
    };
  }, [sessionId, path, revision, loadedRevision]);

  const save = async (expectedHash: string) => {
    if (saving || disabledReason !== undefined) return;
    setSaving(true);
    setProblem(undefined);
    try {
      const saved = await saveFile(sessionId, { path, content: text, expectedHash });
      setLatest(saved);
      onDraft(path, null);
    } catch (error) {
      const refusal = asApiError(error);
      // Reading it again shows both.
      if (refusal.code === "file_changed") setLoadedRevision(undefined);
      else setProblem({ title: "Couldn't save the file", error: refusal });
    } finally {
      setSaving(false);
    }
  };

  return (
    <div className="flex min-h-0 min-w-0 flex-col">
      <div className="pane-bar">
        <span className="fact min-w-0 truncate" title={path}>
          {path}
        </span>
        {base && <span className="faint">{f.bytes(base.size)}</span>}
        <span className="ml-auto flex items-center gap-2">
          {dirty && <span className="text-ink-2">Unsaved</span>}
          {base?.content !== null && base && <CopyButton text={text} label={path} small />}
          {dirty && (
            <button
              type="button"
              className="btn btn-sm"
              aria-disabled={saving || disabledReason !== undefined}
              title={disabledReason ?? `${command} S`}
              onClick={() => void save(draft.base.hash)}
            >
              <Save className="i i-sm" aria-hidden="true" />
              {saving ? "Saving" : "Save"}
            </button>
          )}
        </span>
      </div>
      {problem && (
        <div className="p-3">
          <ProblemNotice title={problem.title} error={problem.error} />
        </div>
      )}
      {conflict && (
        <div className="max-h-[60%] overflow-auto p-3" data-testid="file-conflict">
          <Notice
            tone="warning"
            title="The file changed while you were editing it"
            alert
            actions={
              <>
                <button type="button" className="btn btn-sm" onClick={() => onDraft(path, null)}>
                  Discard mine
                </button>
                <button
                  type="button"
                  className="btn btn-sm btn-danger"
                  onClick={() => void save(latest.hash)}
                >
                  Overwrite with mine
                </button>
              </>
            }
          >
            <p>Nothing was saved. Below is what your version would change in the current file.</p>
          </Notice>
          <div className="mt-2 overflow-hidden rounded-sm border border-line">
            <DiffView diff={{ path, old_text: latest.content, new_text: text }} />
          </div>
        </div>
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
          onSave={() => dirty && void save(base.hash)}
        />
      )}
    </div>
  );
}
