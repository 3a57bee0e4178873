"use client";

import { renameSession } from "#client/api.ts";
import { useForm } from "#client/form.ts";
import type { Session } from "#domain/session.ts";
import { buttonClass } from "../ui/button-class.ts";
import { Dialog, DialogClose, DialogTitle } from "../ui/dialog.tsx";
import { Field } from "../ui/field.tsx";
import { FormBody, SubmitButton } from "../ui/form-card.tsx";
import { ActionProblem } from "../ui/problem-notice.tsx";

/** Gives a session another title. */
export function RenameDialog({
  session,
  onClose,
}: {
  session: Pick<Session, "id" | "title">;
  onClose: () => void;
}) {
  const form = useForm({
    initial: { title: session.title },
    send: async ({ title }) => {
      const wanted = title.trim();
      if (wanted !== session.title) await renameSession(session.id, wanted);
      onClose();
    },
    failed: "Couldn't rename the session",
    problemsOf: () => ({}),
  });
  return (
    <Dialog
      onClose={onClose}
      title={<DialogTitle className="text-base font-semibold">Rename session</DialogTitle>}
    >
      <FormBody form={form} className="mt-3 grid gap-3">
        <Field
          label="Title"
          {...form.field("title")}
          maxLength={200}
          onFocus={(event) => event.target.select()}
        />
        <ActionProblem failure={form.failure} />
        <div className="flex gap-2">
          <SubmitButton
            form={form}
            submit={{ label: "Rename", busy: "Renaming", off: form.values.title.trim() === "" }}
          />
          <DialogClose className={buttonClass()}>Cancel</DialogClose>
        </div>
      </FormBody>
    </Dialog>
  );
}
