"use client";

import { useState } from "react";
import { useAction } from "#client/action.ts";
import { handOverProjectChanges, type ProjectChange } from "#client/project-changes.ts";
import { plural } from "#domain/plural.ts";
import { nameText } from "#domain/project/kinds.ts";
import { PROJECT_LIMITS } from "#domain/project/limits.ts";
import { useOpened } from "../session/session-context.tsx";
import { Button } from "../ui/button.tsx";
import { buttonClass } from "../ui/button-class.ts";
import { Dialog, DialogClose, DialogTitle } from "../ui/dialog.tsx";
import { Check, TextField } from "../ui/field.tsx";
import { ActionProblem } from "../ui/problem-notice.tsx";

/** Changes that one message names. */
const MOST = PROJECT_LIMITS.discarded;

/** Sends changes back to the agent, with what is wrong, and with what the person says. */
export function SendBackDialog({
  chosen,
  faults,
  onClose,
}: {
  chosen: readonly ProjectChange[];
  /** Problems of the workspace's files. */
  faults: number;
  onClose: () => void;
}) {
  const { session } = useOpened();
  const [message, setMessage] = useState("");
  const [withFaults, setWithFaults] = useState(faults > 0);
  const said = message.trim();
  const send = useAction(async () => {
    await handOverProjectChanges(session.id, {
      definitions: chosen.slice(0, MOST).map(({ kind, slug }) => ({ kind, slug })),
      faults: withFaults,
      ...(said !== "" && { message: said }),
    });
    onClose();
  }, "Couldn't send it to the agent");
  const blocked = chosen.length === 0 && !withFaults && said === "" ? "Say what to change." : undefined;
  return (
    <Dialog
      className="w-[480px]"
      onClose={onClose}
      title={<DialogTitle className="text-base font-semibold">Send back to the agent</DialogTitle>}
    >
      <div className="mt-2 grid grid-cols-[minmax(0,1fr)] gap-3">
        {chosen.length > 0 && (
          <p className="wrap-anywhere text-ink-2">
            About {chosen.slice(0, 5).map(nameText).join(", ")}
            {chosen.length > 5 && ` and ${chosen.length - 5} more`}.
            {chosen.length > MOST && ` The message names the first ${MOST}.`}
          </p>
        )}
        <TextField
          label="What should change?"
          rows={4}
          maxLength={4_000}
          value={message}
          onChange={({ target }) => setMessage(target.value)}
        />
        {faults > 0 && (
          <label className="flex items-center gap-2">
            <Check type="checkbox" checked={withFaults} onChange={() => setWithFaults(!withFaults)} />
            Include {faults} {plural(faults, "problem", "problems")} of the files
          </label>
        )}
        <ActionProblem failure={send.failure} />
        <div className="flex flex-wrap gap-2">
          <DialogClose className={buttonClass()}>Cancel</DialogClose>
          <Button look="primary" action={send} busy="Sending" off={blocked !== undefined} title={blocked}>
            Send
          </Button>
        </div>
      </div>
    </Dialog>
  );
}
