"use client";

import { Square } from "lucide-react";
import Link from "next/link";
import { useEffect, useRef, useState } from "react";
import { type ApiError, asApiError, cancelRun, keepSession, sendMessage } from "../../lib/client/api.ts";
import { dropDraft, readDraft } from "../../lib/client/draft.ts";
import { isLive } from "../../lib/domain/lifecycle.ts";
import type { Session } from "../../lib/domain/session.ts";
import type { SessionView } from "../../lib/domain/session-view.ts";
import { Composer } from "../common/composer.tsx";
import { ProblemNotice } from "../common/problem-notice.tsx";
import { Notice } from "../ui/notice.tsx";
import { TryAgain } from "./try-again.tsx";

/** While someone types, the idle clock restarts at most this often. */
const KEEP_EVERY_MS = 60_000;

const PLACEHOLDERS = {
  provisioning: "Add to your message while you wait",
  ready: "What should the agent do?",
  active: "Reply, or say what to do instead",
  idle: "What next?",
};

/** Below the transcript: the composer, or how the session ended. */
export function SessionFoot({
  session,
  view,
  disabledReason,
  onKept,
}: {
  session: Session;
  view: SessionView;
  disabledReason: string | undefined;
  onKept: () => void;
}) {
  if (!isLive(view.status) || view.ended)
    return <Ended session={session} view={view} disabledReason={disabledReason} />;
  return <Writing sessionId={session.id} view={view} disabledReason={disabledReason} onKept={onKept} />;
}

function Ended({
  session,
  view,
  disabledReason,
}: {
  session: Session;
  view: SessionView;
  disabledReason: string | undefined;
}) {
  const failed = view.status === "error";
  // What failed before it could begin can begin again as it was.
  const again = failed && disabledReason === undefined && !view.steps.some((step) => step.step === "ready");
  return (
    <Notice
      tone={failed ? "error" : "info"}
      title={failed ? "Session failed" : "Session stopped"}
      actions={
        <>
          {again && <TryAgain session={session} view={view} />}
          <Link className={`btn ${again ? "" : "btn-primary"}`} href="/studio">
            Start a new session
          </Link>
        </>
      }
    >
      <p>
        {failed && view.error ? `${view.error} ` : ""}
        Its sandbox was deleted; the transcript stays here.
      </p>
    </Notice>
  );
}

function Writing({
  sessionId,
  view,
  disabledReason,
  onKept,
}: {
  sessionId: string;
  view: SessionView;
  disabledReason: string | undefined;
  onKept: () => void;
}) {
  const [text, setText] = useState("");
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<{ title: string; error: ApiError }>();
  const [unsent, setUnsent] = useState<string>();
  const [cancelling, setCancelling] = useState<string>();
  const kept = useRef(0);
  const working = view.status === "active";
  const queueing = working || view.status === "provisioning";
  const run = view.runs.find((candidate) => candidate.status === "running");

  useEffect(() => {
    // After the first paint: the server's page cannot know what this tab kept.
    const timer = setTimeout(() => {
      const draft = readDraft(sessionId);
      if (!draft) return;
      setText(draft.text);
      setUnsent(draft.problem);
    });
    return () => clearTimeout(timer);
  }, [sessionId]);

  const write = (value: string) => {
    setText(value);
    const now = Date.now();
    if (now - kept.current < KEEP_EVERY_MS) return;
    kept.current = now;
    keepSession(sessionId).then(onKept, (error: unknown) =>
      console.warn("The idle clock was not reset", error),
    );
  };
  const send = async () => {
    setBusy(true);
    setProblem(undefined);
    setUnsent(undefined);
    try {
      await sendMessage(sessionId, text);
      dropDraft(sessionId);
      setText("");
    } catch (error) {
      setProblem({ title: "Couldn't send the message", error: asApiError(error) });
    } finally {
      setBusy(false);
    }
  };
  const cancel = async () => {
    if (!run || cancelling === run.id) return;
    setCancelling(run.id);
    setProblem(undefined);
    try {
      await cancelRun(sessionId);
    } catch (error) {
      setCancelling(undefined);
      setProblem({ title: "Couldn't stop the run", error: asApiError(error) });
    }
  };

  return (
    <div className="grid gap-2">
      {unsent !== undefined && (
        <Notice tone="warning" title="Couldn't send your first message" alert>
          <p>{unsent} It's below, ready to send again.</p>
        </Notice>
      )}
      {problem && <ProblemNotice title={problem.title} error={problem.error} />}
      <Composer
        value={text}
        onChange={write}
        onSubmit={() => void send()}
        action={queueing ? "Queue" : "Send"}
        primary={!queueing}
        busy={busy}
        rows={1}
        placeholder={PLACEHOLDERS[view.status as keyof typeof PLACEHOLDERS]}
        blocked={disabledReason}
      >
        {working && run && !disabledReason && (
          <button
            type="button"
            className="btn btn-quiet"
            aria-disabled={cancelling === run.id}
            onClick={() => void cancel()}
          >
            <Square className="i i-xs" aria-hidden="true" />
            {cancelling === run.id ? "Stopping this run" : "Stop this run"}
          </button>
        )}
      </Composer>
    </div>
  );
}
