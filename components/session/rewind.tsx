"use client";

import { Pencil, Undo2 } from "lucide-react";
import { useAction } from "#client/action.ts";
import { rewindSession } from "#client/checkpoints.ts";
import { Button } from "../ui/button.tsx";
import { Icon } from "../ui/icon.tsx";
import { Notice } from "../ui/notice.tsx";
import { ActionProblem } from "../ui/problem-notice.tsx";
import { useOpened, useSessionState } from "./session-context.tsx";

/** Seen while its entry is pointed at, or has the focus; where nothing points, always. */
const shyClass =
  "opacity-0 group-hover/entry:opacity-100 focus-visible:opacity-100 touch:opacity-100 max-sm:opacity-100";

/** Offers to go back to the end of a turn. @param of `turn 3` */
export function RewindButton({ of, onClick }: { of: string; onClick: () => void }) {
  return (
    <Button
      look="quiet"
      size="sm"
      className={shyClass}
      aria-label={`Rewind to here, the end of ${of}`}
      onClick={onClick}
    >
      <Icon as={Undo2} size="xs" />
      Rewind to here
    </Button>
  );
}

/** Offers to change a message and send it again, from what was there before it. */
export function EditButton({ onClick }: { onClick: () => void }) {
  return (
    <Button look="quiet" size="sm" className={shyClass} onClick={onClick}>
      <Icon as={Pencil} size="xs" />
      Edit and resend
    </Button>
  );
}

/** Above the composer: the session went back, and the way to undo that. */
export function RewoundNotice() {
  const { session, disabledReason } = useOpened();
  const { view } = useSessionState();
  const undo = useAction(
    async () => await rewindSession(session.id, { undo: true }),
    "Couldn't undo the rewind",
  );
  if (view.undoable === undefined || disabledReason.drive !== undefined) return null;
  const going = view.waitingFor === "rewind" || view.status === "provisioning";
  return (
    <Notice
      tone="info"
      title="The session was rewound"
      actions={
        <Button action={undo} busy="Undoing" off={going}>
          Undo
        </Button>
      }
    >
      <p>You can undo this until the next message.</p>
      <ActionProblem failure={undo.failure} />
    </Notice>
  );
}
