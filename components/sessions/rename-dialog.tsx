"use client";

import { Dialog } from "@base-ui/react/dialog";
import { type FormEvent, useId, useState } from "react";
import { type ApiError, asApiError, renameSession } from "../../lib/client/api.ts";
import type { Session } from "../../lib/domain/session.ts";
import { ProblemNotice } from "../common/problem-notice.tsx";

/** Gives a session another title. */
export function RenameDialog({
  session,
  onClose,
}: {
  session: Pick<Session, "id" | "title">;
  onClose: () => void;
}) {
  const id = useId();
  const [title, setTitle] = useState(session.title);
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<ApiError>();
  const rename = async (event: FormEvent) => {
    event.preventDefault();
    const wanted = title.trim();
    if (wanted === "" || busy) return;
    if (wanted === session.title) return onClose();
    setBusy(true);
    setProblem(undefined);
    try {
      await renameSession(session.id, wanted);
      onClose();
    } catch (error) {
      setProblem(asApiError(error));
      setBusy(false);
    }
  };
  return (
    <Dialog.Root open onOpenChange={(open) => !open && onClose()}>
      <Dialog.Portal>
        <Dialog.Backdrop className="dialog-scrim z-40" />
        <Dialog.Popup className="dialog z-50">
          <Dialog.Title className="text-base font-semibold">Rename session</Dialog.Title>
          <form className="mt-3 grid gap-3" onSubmit={(event) => void rename(event)}>
            <div className="field">
              <label htmlFor={id}>Title</label>
              <input
                id={id}
                className="input"
                maxLength={200}
                value={title}
                onFocus={(event) => event.target.select()}
                onChange={(event) => setTitle(event.target.value)}
              />
            </div>
            {problem && <ProblemNotice title="Couldn't rename the session" error={problem} />}
            <div className="flex gap-2">
              <button type="submit" className="btn btn-primary" aria-disabled={busy || title.trim() === ""}>
                {busy ? "Renaming" : "Rename"}
              </button>
              <Dialog.Close className="btn">Cancel</Dialog.Close>
            </div>
          </form>
        </Dialog.Popup>
      </Dialog.Portal>
    </Dialog.Root>
  );
}
