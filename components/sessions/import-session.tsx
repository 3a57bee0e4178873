"use client";

import { FileUp } from "lucide-react";
import { useRouter } from "next/navigation";
import { useRef, useState } from "react";
import { useAction } from "#client/action.ts";
import { importSession } from "#client/import.ts";
import { useFormat } from "#client/locale.tsx";
import { IMPORT_LIMITS } from "#domain/import-limits.ts";
import { Button } from "../ui/button.tsx";
import { buttonClass } from "../ui/button-class.ts";
import { Dialog, DialogClose, DialogTitle } from "../ui/dialog.tsx";
import { Icon } from "../ui/icon.tsx";
import { ActionProblem } from "../ui/problem-notice.tsx";

/** Opens the dialog in which an exported session is imported. */
export function ImportSession() {
  const [isOpen, setOpen] = useState(false);
  return (
    <>
      <Button className="ml-auto" onClick={() => setOpen(true)}>
        <Icon as={FileUp} />
        Import
      </Button>
      {isOpen && <ImportDialog onClose={() => setOpen(false)} />}
    </>
  );
}

/** Imports a session from its file, and opens it. */
export function ImportDialog({ onClose }: { onClose: () => void }) {
  const f = useFormat();
  const router = useRouter();
  const input = useRef<HTMLInputElement>(null);
  const ending = useRef<AbortController>(null);
  const [sent, setSent] = useState(0);
  const taking = useAction(async (file: File) => {
    setSent(0);
    ending.current = new AbortController();
    const { id } = await importSession(file, { onSent: setSent, signal: ending.current.signal });
    router.push(`/studio/${id}`);
    onClose();
  }, "Couldn't import the session");
  const [file] = taking.args ?? [];
  return (
    <Dialog
      onClose={() => {
        ending.current?.abort();
        onClose();
      }}
      className="w-[440px]"
      title={<DialogTitle className="text-base font-semibold">Import a session</DialogTitle>}
    >
      <div className="mt-3 grid gap-3">
        <p className="text-ink-2">
          Choose a session&apos;s export, as JSON or JSON Lines, of up to {f.bytes(IMPORT_LIMITS.bytes)}. You
          can read, inspect and export it here. It doesn&apos;t count toward your usage.
        </p>
        <input
          ref={input}
          type="file"
          className="sr-only"
          aria-label="Export of a session"
          tabIndex={-1}
          accept="application/json,application/x-ndjson,.json,.jsonl,.ndjson"
          onChange={({ currentTarget }) => {
            const [chosen] = currentTarget.files ?? [];
            // The same file can be chosen again.
            currentTarget.value = "";
            if (chosen) taking.run(chosen);
          }}
        />
        {taking.pending && file && (
          <div className="grid gap-1.5">
            <output className="truncate text-small text-ink-2">
              {sent < 1 ? `Uploading ${file.name}` : `Checking the last events of ${file.name}`}
            </output>
            <progress aria-label="Uploaded" className="h-1.5 w-full" value={sent} max={1} />
          </div>
        )}
        <ActionProblem failure={taking.failure} />
      </div>
      <div className="mt-4 flex gap-2">
        <Button look="primary" off={taking.pending} onClick={() => input.current?.click()}>
          {taking.pending ? "Importing" : taking.failure ? "Choose another file" : "Choose a file"}
        </Button>
        <DialogClose className={buttonClass()}>Cancel</DialogClose>
      </div>
    </Dialog>
  );
}
