"use client";

import { useState } from "react";
import { useAction } from "#client/action.ts";
import { type OperatorOrganization, setFrozen } from "#client/operator.ts";
import { Button } from "../ui/button.tsx";
import { Card, CardHead } from "../ui/card.tsx";
import { Confirm } from "../ui/dialog.tsx";
import { ActionProblem } from "../ui/problem-notice.tsx";
import { ReasonField } from "./reason-field.tsx";

/** Freezes an organization, or lets it go on. */
export function FreezeForm({
  organization: { id, name, frozen },
  onDone,
}: {
  organization: OperatorOrganization;
  onDone: () => Promise<void>;
}) {
  const [reason, setReason] = useState("");
  const [isAsked, setIsAsked] = useState(false);
  const change = useAction(
    async () => {
      await setFrozen(id, frozen === null, reason);
      setReason("");
      await onDone();
    },
    frozen ? "Couldn't let it go on" : "Couldn't freeze it",
  );
  const isOff = reason.trim() === "";
  return (
    <Card>
      <CardHead title={frozen ? "Let it go on" : "Freeze"} />
      <form
        className="grid gap-3 p-3.5"
        onSubmit={(event) => {
          event.preventDefault();
          if (isOff) return;
          if (frozen) change.run();
          else setIsAsked(true);
        }}
      >
        <p className="text-ink-2">
          {frozen
            ? "Its people can then resume what was stopped."
            : "Nothing of it begins any more, and no model is called. Live sessions are saved and stopped. Nothing is lost: its people can still read and export everything."}
        </p>
        <ReasonField reason={reason} onType={setReason} />
        <ActionProblem failure={change.failure} />
        <div>
          <Button
            type="submit"
            look={frozen ? "primary" : "danger"}
            off={isOff || change.pending}
            title={isOff ? "Give a reason first" : undefined}
          >
            {frozen ? "Let it go on" : "Freeze organization"}
          </Button>
        </div>
      </form>
      <Confirm
        open={isAsked}
        onClose={() => setIsAsked(false)}
        title={`Freeze ${name}?`}
        confirm="Freeze"
        cancel="Leave it"
        onConfirm={change.run}
      >
        Agents at work are stopped in the middle of their turn. Their files are saved first.
      </Confirm>
    </Card>
  );
}
