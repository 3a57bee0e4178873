"use client";

import { useEffect, useEffectEvent, useRef } from "react";
import { keepSession } from "#client/api.ts";
import { useMessageDraft } from "#client/use-message-draft.ts";
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
  const { view, kept, outbox, returned } = useSessionState();
  const draft = useMessageDraft(session.id);
  const keptAt = useRef(0);
  const queueing = view.status === "active" || view.status === "provisioning";
  const { send } = outbox;

  const write = (value: string) => {
    draft.write(value);
    const now = Date.now();
    if (now - keptAt.current < KEEP_EVERY_MS) return;
    keptAt.current = now;
    keepSession(session.id).then(kept, (error: unknown) =>
      console.warn("The idle clock was not reset", error),
    );
  };
  const takeBack = useEffectEvent(({ text }: { text: string }) => {
    // Behind it stays what was typed since.
    draft.write(draft.text === "" ? text : `${text}\n\n${draft.text}`);
  });
  useEffect(() => {
    if (returned) takeBack(returned);
  }, [returned]);

  const forget = useEffectEvent(() => {
    // Back online, the message stands in the field, and what went wrong is over.
    if (send.failure?.error.code === "network") send.reset();
  });
  useEffect(() => {
    const online = () => forget();
    window.addEventListener("online", online);
    return () => window.removeEventListener("online", online);
  }, []);

  return (
    <div className="grid gap-2">
      {draft.problem !== undefined && (
        <Notice tone="warning" title="Couldn't send your first message" alert>
          <p>{draft.problem} It's below, ready to send again.</p>
        </Notice>
      )}
      <ActionProblem failure={send.failure} />
      <Composer
        value={draft.text}
        onChange={write}
        onSubmit={() => {
          if (send.pending) return;
          const { text } = draft;
          send.run(text, draft.take());
        }}
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
