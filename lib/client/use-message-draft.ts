"use client";

import { useEffect, useEffectEvent, useState } from "react";
import { dropDraft, keepDraft, messageDraft, readDraft } from "./draft.ts";
import { useUnsaved } from "./unsaved.ts";

/** A message that is being written, kept in this browser until it is sent. */
export interface MessageDraft {
  text: string;
  write: (text: string) => void;
  /** Why it was not sent when it was to be. */
  problem: string | undefined;
  /** Takes it out of the field: it is on its way. @returns how to forget what is kept of it */
  take: () => () => void;
}

/** @param sessionId or `new` for a session that would start; `given`: what it begins with, whatever is kept */
export function useMessageDraft(sessionId: string, given = ""): MessageDraft {
  const name = messageDraft(sessionId);
  const [text, setText] = useState(given);
  const [problem, setProblem] = useState<string>();
  useUnsaved(text.trim() !== "");
  const restore = useEffectEvent(() => {
    const draft = text === "" ? readDraft(name) : undefined;
    if (!draft) return;
    setText(draft.text);
    setProblem(draft.problem);
  });
  useEffect(() => {
    // After the first paint: the server's page cannot know what this browser keeps.
    const timer = setTimeout(() => restore());
    return () => clearTimeout(timer);
  }, []);
  const write = (next: string) => {
    setText(next);
    if (next === "") dropDraft(name);
    else keepDraft(name, { text: next });
  };
  return {
    text,
    write,
    problem,
    take: () => {
      setText("");
      setProblem(undefined);
      return () => {
        // What was typed since stays.
        if (readDraft(name)?.text === text) dropDraft(name);
      };
    },
  };
}
