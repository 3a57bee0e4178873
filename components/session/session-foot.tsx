"use client";

import { useEffect, useRef, useState } from "react";
import { useAction } from "#client/action.ts";
import { keepSession, sendMessage } from "#client/api.ts";
import { dropDraft, readDraft } from "#client/draft.ts";
import { Composer } from "../common/composer.tsx";
import { ButtonLink } from "../ui/button.tsx";
import { Notice } from "../ui/notice.tsx";
import { ActionProblem } from "../ui/problem-notice.tsx";
import { useOpened, useSessionState } from "./session-context.tsx";
import { TryAgain } from "./try-again.tsx";

/** While someone types, the idle clock restarts at most this often. */
const KEEP_EVERY_MS = 60_000;

const PLACEHOLDERS: Record<string, string> = {
  provisioning: "Add to your message while you wait",
  ready: "What should the agent do?",
  active: "Reply, or say what to do instead",
  idle: "What next?",
};

/** Below the transcript: the composer, or how the session ended. */
export function SessionFoot() {
  return useSessionState().live ? <Writing /> : <Ended />;
}

function Ended() {
  const { drive } = useOpened().disabledReason;
  const { view } = useSessionState();
  const failed = view.status === "error";
  // What failed before it could begin can begin again as it was.
  const again = failed && drive === undefined && !view.steps.some((step) => step.step === "ready");
  return (
    <Notice
      tone={failed ? "error" : "info"}
      title={failed ? "Session failed" : "Session ended"}
      actions={
        <>
          {again && <TryAgain />}
          <ButtonLink look={again ? "plain" : "primary"} href="/studio">
            Start a new session
          </ButtonLink>
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

function Writing() {
  const { session, disabledReason } = useOpened();
  const { view, kept } = useSessionState();
  const [text, setText] = useState("");
  const [unsent, setUnsent] = useState<string>();
  const keptAt = useRef(0);
  const working = view.status === "active";
  const queueing = working || view.status === "provisioning";
  const send = useAction(async () => {
    setUnsent(undefined);
    await sendMessage(session.id, text);
    dropDraft(session.id);
    setText("");
  }, "Couldn't send the message");

  useEffect(() => {
    // After the first paint: the server's page cannot know what this tab kept.
    const timer = setTimeout(() => {
      const draft = readDraft(session.id);
      if (!draft) return;
      setText(draft.text);
      setUnsent(draft.problem);
    });
    return () => clearTimeout(timer);
  }, [session.id]);

  const write = (value: string) => {
    setText(value);
    const now = Date.now();
    if (now - keptAt.current < KEEP_EVERY_MS) return;
    keptAt.current = now;
    keepSession(session.id).then(kept, (error: unknown) =>
      console.warn("The idle clock was not reset", error),
    );
  };

  return (
    <div className="grid gap-2">
      {unsent !== undefined && (
        <Notice tone="warning" title="Couldn't send your first message" alert>
          <p>{unsent} It's below, ready to send again.</p>
        </Notice>
      )}
      <ActionProblem failure={send.failure} />
      <Composer
        value={text}
        onChange={write}
        onSubmit={send.run}
        action={queueing ? "Queue" : "Send"}
        primary={!queueing}
        busy={send.pending}
        rows={1}
        placeholder={PLACEHOLDERS[view.status] ?? ""}
        blocked={disabledReason.drive}
      />
    </div>
  );
}
