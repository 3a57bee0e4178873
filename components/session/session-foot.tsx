"use client";

import { useEffect, useEffectEvent, useRef, useState } from "react";
import { keepSession } from "#client/api.ts";
import { flushDrafts, joinTexts, keepDraft, messageDraft, readDraft } from "#client/draft.ts";
import { useLiveStatus } from "#client/live.tsx";
import type { MentionableSkill } from "#client/live-skills.ts";
import { readUnsent } from "#client/sending.ts";
import { useFormat } from "#client/locale.tsx";
import { useHydrated } from "#client/use-browser.ts";
import { useMessageDraft } from "#client/use-message-draft.ts";
import { isLive } from "#domain/lifecycle.ts";
import { Composer } from "../common/composer.tsx";
import { SkillSource } from "../common/skill-completion.tsx";
import { CopyButton } from "../ui/copy-button.tsx";
import { Button, ButtonLink } from "../ui/button.tsx";
import { Notice } from "../ui/notice.tsx";
import { ActionProblem } from "../ui/problem-notice.tsx";
import { ScrollRegion } from "../ui/scroll-region.tsx";
import { RewoundNotice } from "./rewind.tsx";
import { type Returned, useOpened, useSessionState } from "./session-context.tsx";
import { TryAgain } from "./try-again.tsx";
import { isLogged } from "./use-outbox.ts";
import { useResume } from "./use-resume.ts";

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
  const { live } = useSessionState();
  if (useOpened().session.importedAt !== null) return <Imported />;
  return live ? <Writing /> : <Ended />;
}

/** What was written for a session that has ended, and was not sent. */
function useLeftBehind() {
  const { session } = useOpened();
  const { view, returned } = useSessionState();
  const [text, setText] = useState("");
  const find = () => readUnsent(session.id, (sent, after) => isLogged(view, sent, after));
  // A message that comes back once the session has ended is one more.
  const show = useEffectEvent((_last: Returned | undefined) => setText(find().text));
  useEffect(() => {
    // After the first paint: the server's page cannot know what this browser keeps.
    const timer = setTimeout(() => show(returned));
    return () => clearTimeout(timer);
  }, [returned]);
  const carry = () => {
    const { text: left, drop } = find();
    if (left === "") return;
    const next = messageDraft("new");
    keepDraft(next, { text: joinTexts(readDraft(next)?.text ?? "", left) });
    if (flushDrafts()) drop();
  };
  return { text, carry };
}

/** Follows the session again once somebody has it go on. */
function useGoingOn() {
  const { session } = useOpened();
  const { reopen } = useSessionState();
  const status = useLiveStatus(session.id);
  const follow = useEffectEvent(reopen);
  useEffect(() => {
    if (status !== undefined && isLive(status)) follow();
  }, [status]);
}

/** Where a session comes from that was imported. */
function Imported() {
  const { session } = useOpened();
  const f = useFormat();
  const known = useHydrated();
  return (
    <Notice
      tone="info"
      title="Imported session"
      actions={
        <ButtonLink look="primary" href={`/sessions/${session.id}/inspect`}>
          Inspect
        </ButtonLink>
      }
    >
      <p>
        {session.userName} imported it
        {known && session.importedAt !== null && ` ${f.exact(session.importedAt)}`}. You can read, inspect and
        export it; its files and its agent aren&apos;t here.
      </p>
    </Notice>
  );
}

function Ended() {
  const { drive } = useOpened().disabledReason;
  const left = useLeftBehind();
  const { view } = useSessionState();
  useGoingOn();
  const failed = view.status === "error";
  const resume = useResume();
  // What failed before it could begin can begin again as it was.
  const began = view.resumedAt !== undefined || view.steps.some((step) => step.step === "ready");
  const again = failed && drive === undefined && !began;
  return (
    <Notice
      tone={failed ? "error" : "info"}
      title={
        failed ? "Session failed" : view.saved?.at ? "Saved. Continue where you left off" : "Session ended"
      }
      actions={
        <>
          {again && <TryAgain />}
          {resume && !again && (
            <Button look="primary" action={resume} busy="Continuing">
              Continue
            </Button>
          )}
          <ButtonLink look={again || resume ? "plain" : "primary"} href="/studio" onClick={left.carry}>
            Start a new session
          </ButtonLink>
          {left.text !== "" && <CopyButton text={left.text} label="the message that wasn't sent" />}
        </>
      }
    >
      <p>
        {failed && view.error ? `${view.error} ` : ""}
        {view.saved?.at
          ? "Its files and the agent's memory are saved. Programs that ran in its sandbox have ended."
          : "Nothing of its files was saved; the transcript stays here."}
      </p>
      <ActionProblem failure={resume?.failure} />
      {left.text !== "" && (
        <>
          <p className="mt-2">This message wasn't sent. It goes with you into a new session:</p>
          <ScrollRegion
            className="mt-1 max-h-40 overflow-auto border-l border-line-strong pl-3 whitespace-pre-wrap text-ink [unicode-bidi:plaintext]"
            landmark={false}
            label="Unsent message"
          >
            {left.text}
          </ScrollRegion>
        </>
      )}
    </Notice>
  );
}

function Writing() {
  const { session, disabledReason } = useOpened();
  const { view, kept, outbox, returned } = useSessionState();
  const draft = useMessageDraft(session.id, { isSent: (text, after) => isLogged(view, text, after) });
  const [sentAgain, setSentAgain] = useState<Returned>();
  const isMasked = returned?.masked === true && returned !== sentAgain;
  const keptAt = useRef(0);
  const [skills, setSkills] = useState<readonly MentionableSkill[]>([]);
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
  const takeBack = useEffectEvent(({ text, copy, masked }: Returned) => {
    // Behind it stays what was typed since.
    draft.write(draft.text === "" ? text : `${text}\n\n${draft.text}`);
    copy?.forget();
    if (masked) document.querySelector<HTMLElement>("[data-composer]")?.focus();
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
      {isMasked && (
        <Notice tone="warning" title="Check this message before you send it" alert>
          <p>Secrets in it were hidden when it was stored. Fill them in, then send it.</p>
        </Notice>
      )}
      <RewoundNotice />
      <ActionProblem failure={send.failure} />
      <SkillSource sessionId={session.id} onSkills={setSkills} />
      <Composer
        skills={skills}
        value={draft.text}
        onChange={write}
        onSubmit={() => {
          if (send.pending) return;
          const { text } = draft;
          setSentAgain(returned);
          send.run(text, draft.take(view.seq));
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
