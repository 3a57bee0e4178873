"use client";

import dynamic from "next/dynamic";
import { saveFile, type WorkspaceFile } from "#client/files.ts";
import { useForm } from "#client/form.ts";
import type { Resource } from "#client/resource.ts";
import { showToast } from "#client/toast.ts";
import type { FileDraft } from "#client/use-file-drafts.ts";
import { useOpened } from "../session/session-context.tsx";
import { Button } from "../ui/button.tsx";
import { CopyButton } from "../ui/copy-button.tsx";
import { Field } from "../ui/field.tsx";
import { FormBody, SubmitButton } from "../ui/form-card.tsx";
import { Loading } from "../ui/loaded.tsx";
import { Notice } from "../ui/notice.tsx";
import { ActionProblem } from "../ui/problem-notice.tsx";

const Editor = dynamic(async () => (await import("./editor.tsx")).Editor, {
  ssr: false,
  loading: () => <Loading className="p-3">Opening the text</Loading>,
});

/** Why a text that was typed into a file can't be saved in it any more. */
export type Loss = "deleted" | "folder" | "large" | "binary" | "unreadable" | "ended";

const TITLES: Record<Loss, string> = {
  deleted: "This file was deleted while you were editing it",
  folder: "A folder has taken the place of this file",
  large: "This file has grown too large to edit",
  binary: "This file is no longer UTF-8 text",
  unreadable: "This file can't be read now",
  ended: "The session ended before this text was saved",
};

/** What became of a file that has unsaved text; undefined where it can still be edited, or is being read. */
export function lossOf({
  data,
  problem,
}: Pick<Resource<WorkspaceFile | null>, "data" | "problem">): Loss | undefined {
  if (problem?.kind === "file_too_large") return "large";
  if (problem) return problem.code === "not_found" ? "deleted" : "unreadable";
  if (data === null) return "folder";
  return data && (data.content === null || data.encoding === "unknown") ? "binary" : undefined;
}

/** Another name beside that of a file: `notes.txt` becomes `notes.unsaved.txt`. */
function nameBeside(path: string): string {
  const dot = path.lastIndexOf(".");
  const at = dot > path.lastIndexOf("/") + 1 ? dot : path.length;
  return `${path.slice(0, at)}.unsaved${path.slice(at)}`;
}

interface UnsavedTextProps {
  path: string;
  draft: FileDraft;
  loss: Loss;
  onDraft: (path: string, draft: FileDraft | null) => void;
  /** Called with the file that it was saved as; undefined where it can't be saved. */
  onSaved?: ((file: WorkspaceFile) => Promise<void>) | undefined;
}

/** Text that can't be saved where it was typed: why, the text itself, and the ways to keep it. */
export function UnsavedText({ path, draft, loss, onDraft, onSaved }: UnsavedTextProps) {
  const discard = () => {
    onDraft(path, null);
    showToast(`Unsaved text of ${path} discarded`, { name: "Undo", run: () => onDraft(path, draft) });
  };
  return (
    <div className="flex min-h-0 flex-1 flex-col" data-testid="unsaved-text">
      <div className="max-h-[60%] overflow-auto p-3">
        <Notice
          tone="warning"
          title={TITLES[loss]}
          actions={
            <>
              <CopyButton text={draft.text} label={`the unsaved text of ${path}`} small />
              <Button size="sm" look="danger" onClick={discard}>
                Discard
              </Button>
            </>
          }
        >
          <p>
            Your unsaved text is below, kept in this browser.{" "}
            {onSaved ? "Copy it, or save it as a file." : "Copy what you still need."}
          </p>
          {onSaved && (
            <SaveAs
              key={loss}
              path={path}
              loss={loss}
              text={draft.text}
              onDraft={onDraft}
              onSaved={onSaved}
            />
          )}
        </Notice>
      </div>
      <Editor path={path} text={draft.text} readOnly onChange={() => undefined} onSave={() => undefined} />
    </div>
  );
}

function SaveAs({
  path,
  loss,
  text,
  onDraft,
  onSaved,
}: Pick<UnsavedTextProps, "path" | "loss" | "onDraft"> & {
  text: string;
  onSaved: (file: WorkspaceFile) => Promise<void>;
}) {
  const { session } = useOpened();
  const form = useForm({
    initial: { path: loss === "deleted" ? path : nameBeside(path) },
    send: async (values) => {
      const body = { path: values.path.trim(), content: text, expectedHash: null };
      const saved = await saveFile(session.id, body);
      await onSaved(saved);
      onDraft(path, null);
    },
    failed: "Couldn't save the text",
    problemsOf: (error): Record<string, string> =>
      error.code === "file_changed" ? { path: "There's already a file with this path. Choose another." } : {},
  });
  return (
    <FormBody form={form} className="mt-2 grid gap-2">
      <div className="flex items-start gap-2">
        <Field
          {...form.field("path")}
          frameClass="min-w-0 flex-1"
          labelClass="sr-only"
          label="Save as"
          className="fact [word-spacing:0]"
          maxLength={1000}
        />
        <SubmitButton
          form={form}
          size="sm"
          className="mt-0.5"
          submit={{
            label: loss === "deleted" ? "Save again" : "Save as",
            busy: "Saving",
            look: "plain",
            off: form.values.path.trim() === "",
          }}
        />
      </div>
      <ActionProblem failure={form.failure} />
    </FormBody>
  );
}
