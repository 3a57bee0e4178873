"use client";

import { useState } from "react";
import { type ApiError, asApiError, setAutoApprove } from "../../lib/client/api.ts";
import { ConfirmDialog } from "../ui/confirm-dialog.tsx";
import { Glyph } from "../ui/glyph.tsx";

/** Whether the agent is asked at all, and the way to change that. */
export function AutoApprove({
  sessionId,
  on,
  disabledReason,
}: {
  sessionId: string;
  on: boolean;
  /** Why the reader may not change it; undefined where they may. */
  disabledReason: string | undefined;
}) {
  const [asking, setAsking] = useState(false);
  const [problem, setProblem] = useState<ApiError>();
  const write = async (next: boolean) => {
    setAsking(false);
    setProblem(undefined);
    try {
      await setAutoApprove(sessionId, next);
    } catch (error) {
      setProblem(asApiError(error));
    }
  };
  return (
    <>
      <button
        type="button"
        className="btn btn-quiet btn-sm"
        aria-pressed={on}
        aria-disabled={disabledReason !== undefined}
        title={disabledReason ?? (on ? "Ask before the agent writes or runs" : "Stop asking in this session")}
        onClick={() => {
          if (disabledReason !== undefined) return;
          if (on) void write(false);
          else setAsking(true);
        }}
      >
        <Glyph name={on ? "waiting" : "active"} className={on ? "text-warning" : "text-accent"} />
        {on ? "Auto-approve" : "Asks first"}
      </button>
      {problem && (
        <span role="alert" className="text-small text-danger">
          {problem.message}
        </span>
      )}
      <ConfirmDialog
        open={asking}
        onOpenChange={setAsking}
        title="Let the agent work without asking?"
        confirm="Stop asking"
        cancel="Keep asking"
        onConfirm={() => void write(true)}
      >
        Until you turn this off, everything the agent wants to write or run in this session's sandbox is
        allowed immediately. Every call is still logged.
      </ConfirmDialog>
    </>
  );
}
