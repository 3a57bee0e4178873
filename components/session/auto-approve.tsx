"use client";

import { useState } from "react";
import { useAction } from "#client/action.ts";
import { setAutoApprove } from "#client/api.ts";
import { Button } from "../ui/button.tsx";
import { Confirm } from "../ui/dialog.tsx";
import { Glyph } from "../ui/glyph.tsx";
import { ActionProblem } from "../ui/problem-notice.tsx";
import { useOpened, useSessionState } from "./session-context.tsx";

/** Whether the agent is asked at all, and the way to change that. */
export function AutoApprove() {
  const { session, disabledReason } = useOpened();
  const { view, live } = useSessionState();
  const [asking, setAsking] = useState(false);
  const write = useAction(
    async (next: boolean) => await setAutoApprove(session.id, next),
    "Couldn't change the approvals",
  );
  const on = view.autoApprove ?? session.autoApprove;
  const why = live ? disabledReason.drive : "The session has ended";
  return (
    <>
      <Button
        look="quiet"
        size="sm"
        aria-pressed={on}
        off={why !== undefined || write.pending}
        title={why ?? (on ? "Ask before the agent writes or runs" : "Stop asking in this session")}
        onClick={() => (on ? write.run(false) : setAsking(true))}
      >
        <Glyph name={on ? "waiting" : "active"} className={on ? "text-warning" : "text-accent"} />
        {on ? "Auto-approve" : "Asks first"}
      </Button>
      <ActionProblem failure={write.failure} brief />
      <Confirm
        open={asking}
        onClose={() => setAsking(false)}
        title="Let the agent work without asking?"
        confirm="Stop asking"
        cancel="Keep asking"
        onConfirm={() => write.run(true)}
      >
        Until you turn this off, everything the agent wants to write or run in this session's sandbox is
        allowed immediately. Every call is still logged.
      </Confirm>
    </>
  );
}
