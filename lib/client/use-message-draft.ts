"use client";

import { useEffect, useEffectEvent, useRef, useState } from "react";
import { type DraftElsewhere, dropDraft, followDraft, joinTexts, keepDraft, messageDraft } from "./draft.ts";
import { keepSending, readUnsent, type Sending } from "./sending.ts";
import { useUnsaved } from "./unsaved.ts";

/** A message that is being written, kept in this browser until it is sent. */
export interface MessageDraft {
  text: string;
  write: (text: string) => void;
  /** Why it was not sent when it was to be. */
  problem: string | undefined;
  /** Takes it out of the field: it is on its way. @param after the last event that the page knows */
  take: (after: number) => Sending;
}

const never = () => false;

/**
 * The message that is being written in a field.
 * @param sessionId or `new` for a session that would start
 * @param given `text`: what it begins with; `isSent`: whether the log has a message with this text behind this event
 */
export function useMessageDraft(
  sessionId: string,
  given: { text?: string; isSent?: (text: string, after: number) => boolean } = {},
): MessageDraft {
  const name = messageDraft(sessionId);
  const [text, setText] = useState(given.text ?? "");
  const [problem, setProblem] = useState<string>();
  const isRestored = useRef(false);
  /** What was typed before that. */
  const early = useRef("");
  useUnsaved(text.trim() !== "");
  const restore = useEffectEvent(() => {
    isRestored.current = true;
    const kept = readUnsent(sessionId, given.isSent ?? never);
    // What the page began with need not be there twice.
    const isThere = !!given.text && kept.text.includes(text);
    const whole = isThere ? kept.text : joinTexts(kept.text, text);
    kept.drop();
    if (whole !== "" && (kept.text !== "" || early.current !== ""))
      keepDraft(name, { text: whole, ...(kept.problem !== undefined && { problem: kept.problem }) });
    setText(whole);
    setProblem(kept.problem);
  });
  const leave = useEffectEvent(() => {
    if (isRestored.current || early.current === "") return;
    const kept = readUnsent(sessionId, given.isSent ?? never);
    kept.drop();
    keepDraft(name, { text: joinTexts(kept.text, early.current) });
  });
  /** Two tabs show one draft: what was typed in either is in both, unless it was typed in both at once. */
  const hear = useEffectEvent(({ text: theirs, before, isOverwritten }: DraftElsewhere) => {
    if (!isRestored.current) return;
    if (theirs === "") {
      // It was sent there. What is here alone stays.
      if (text === before && !isOverwritten) setText("");
      else if (text !== "") keepDraft(name, { text });
      return;
    }
    const whole = isOverwritten ? joinTexts(theirs, text) : theirs;
    if (isOverwritten) keepDraft(name, { text: whole });
    setText(whole);
    setProblem(undefined);
  });
  useEffect(() => followDraft(name, hear), [name]);
  useEffect(() => {
    // After the first paint: the server's page cannot know what this browser keeps.
    const timer = setTimeout(() => restore());
    return () => {
      clearTimeout(timer);
      leave();
    };
  }, []);
  const write = (next: string) => {
    setText(next);
    if (!isRestored.current) early.current = next;
    else if (next === "") dropDraft(name);
    else keepDraft(name, { text: next });
  };
  return {
    text,
    write,
    problem,
    take: (after) => {
      early.current = "";
      setText("");
      setProblem(undefined);
      return keepSending(sessionId, text, { after, written: isRestored.current });
    },
  };
}
