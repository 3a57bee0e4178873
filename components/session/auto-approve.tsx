"use client";

import { useState } from "react";
import { type ApiError, asApiError, setAutoApprove } from "../../lib/client/api.ts";
import { ConfirmDialog } from "../ui/confirm-dialog.tsx";
import { Glyph } from "../ui/glyph.tsx";
import { session as t } from "../../lib/client/messages/session.ts";

/** Whether the agent is asked at all, and the way to change that. */
export function AutoApprove({
  sessionId,
  on,
  barred,
}: {
  sessionId: string;
  on: boolean;
  /** Why the reader may not change it; undefined where they may. */
  barred: string | undefined;
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
        aria-disabled={barred !== undefined}
        title={barred ?? (on ? t.askBeforeTheAgentWrites : t.stopAskingInThisSession)}
        onClick={() => {
          if (barred !== undefined) return;
          if (on) void write(false);
          else setAsking(true);
        }}
      >
        <Glyph name={on ? "waiting" : "active"} className={on ? "text-ochre" : "text-accent"} />
        {on ? t.autoApprove : t.asksFirst}
      </button>
      {problem && (
        <span role="alert" className="text-small text-madder">
          {problem.message}
        </span>
      )}
      <ConfirmDialog
        open={asking}
        onOpenChange={setAsking}
        title={t.letTheAgentWorkWithout}
        confirm={t.stopAsking}
        cancel={t.keepAsking}
        onConfirm={() => void write(true)}
      >
        {t.untilYouTurnItBack}
      </ConfirmDialog>
    </>
  );
}
