"use client";

import { FilePlus } from "lucide-react";
import { type KeyboardEvent, useRef, useState } from "react";
import { saveFile } from "#client/files.ts";
import { useForm } from "#client/form.ts";
import { useOpened } from "../session/session-context.tsx";
import { focusFirst } from "../ui/bring-into-view.ts";
import { Button } from "../ui/button.tsx";
import { Input } from "../ui/field.tsx";
import { FormBody, SubmitButton } from "../ui/form-card.tsx";
import { Icon } from "../ui/icon.tsx";
import { ActionProblem } from "../ui/problem-notice.tsx";

/** Makes an empty file in the workspace; one that is there already is left as it is. */
export function NewFile({ onMade }: { onMade: (path: string) => void }) {
  const { session } = useOpened();
  const [open, setOpen] = useState(false);
  const form = useForm({
    initial: { path: "" },
    send: async ({ path }, set) => {
      const made = await saveFile(session.id, { path: path.trim(), content: "", expectedHash: null });
      setOpen(false);
      set({ path: "" });
      onMade(made.path);
    },
    failed: "Couldn't create the file",
    problemsOf: () => ({}),
  });
  const opener = useRef<HTMLButtonElement>(null);
  const close = () => {
    setOpen(false);
    form.set({ path: "" });
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key !== "Escape" || event.nativeEvent.isComposing) return;
    // It closes the field alone.
    event.preventDefault();
    event.stopPropagation();
    close();
    opener.current?.focus();
  };
  const { problem: _shownBelow, ...path } = form.field("path");
  return (
    <>
      <Button
        ref={opener}
        look="quiet"
        size="sm"
        icon
        className="ml-auto"
        aria-label="New file"
        title="New file"
        aria-expanded={open}
        onClick={() => (open ? close() : setOpen(true))}
      >
        <Icon as={FilePlus} size="sm" />
      </Button>
      {open && (
        <FormBody form={form} className="order-last grid basis-full gap-2 pb-1">
          <div className="flex gap-1">
            <Input
              ref={focusFirst}
              onKeyDown={onKeyDown}
              {...path}
              className="fact [word-spacing:0]"
              aria-label="Path of the new file"
              placeholder="agents/new.ts"
              maxLength={1000}
            />
            <SubmitButton
              form={form}
              size="sm"
              className="my-auto"
              submit={{
                label: "Create",
                busy: "Create",
                look: "plain",
                off: form.values.path.trim() === "",
              }}
            />
          </div>
          <ActionProblem failure={form.failure} />
        </FormBody>
      )}
    </>
  );
}
