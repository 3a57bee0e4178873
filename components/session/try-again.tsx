"use client";

import { useRouter } from "next/navigation";
import { useState } from "react";
import { type ApiError, asApiError, createSession, sendMessage } from "../../lib/client/api.ts";
import { dropDraft, keepDraft, readDraft } from "../../lib/client/draft.ts";
import type { Session } from "../../lib/domain/session.ts";
import type { SessionView } from "../../lib/domain/session-view.ts";
import { ProblemNotice } from "../common/problem-notice.tsx";

/** Starts a session of the same kind with the same words, for one that failed before it could begin. */
export function TryAgain({ session, view }: { session: Session; view: SessionView }) {
  const router = useRouter();
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<ApiError>();
  const first = view.items.find((item) => item.kind === "user");
  const again = async () => {
    if (busy) return;
    setBusy(true);
    setProblem(undefined);
    // It may have failed before it took its first message.
    const text = first?.kind === "user" ? first.text : readDraft(session.id)?.text;
    const { environment, provider, model, title, autoApprove, budgetCapMicroUsd: cap } = session;
    try {
      const { sessionId } = await createSession({
        environment,
        provider,
        model,
        title,
        autoApprove,
        ...(cap !== null && { budgetCapMicroUsd: cap }),
      });
      try {
        if (text !== undefined) await sendMessage(sessionId, text);
        dropDraft(session.id);
      } catch (error) {
        keepDraft(sessionId, { text: text ?? "", problem: asApiError(error).message });
      }
      router.push(`/studio/${sessionId}`);
    } catch (error) {
      setProblem(asApiError(error));
      setBusy(false);
    }
  };
  return (
    <>
      <button type="button" className="btn btn-primary" aria-disabled={busy} onClick={() => void again()}>
        {busy ? "Starting again" : "Try again"}
      </button>
      {problem && <ProblemNotice title="Couldn't start the session" error={problem} />}
    </>
  );
}
