import {
  dropDraft,
  flushDrafts,
  joinTexts,
  keepDraft,
  messageDraft,
  readDraft,
  readDrafts,
} from "./draft.ts";

/** A message on its way, with a copy in this browser until Studio has it. */
export interface Sending {
  /** Forgets the copy: Studio has the message, or it is back where messages are written. */
  forget: () => void;
  /** It was not sent: the copy is found again. */
  failed: () => void;
}

const prefixOf = (sessionId: string): string => `sending:${sessionId}:`;
/** Those that this page is sending now. */
const here = new Set<string>();
let count = 0;

/**
 * Keeps a message that is being sent, beside what is typed next.
 * @param given `after`: the last event that the page knows; `written`: it is the draft that is kept of its session
 */
export function keepSending(
  sessionId: string,
  text: string,
  given: { after: number; written: boolean },
): Sending {
  const written = messageDraft(sessionId);
  const name = `${prefixOf(sessionId)}${Date.now()}-${(count += 1)}`;
  here.add(name);
  keepDraft(name, { text, after: given.after });
  // The copy of the message as it was written goes once this one is stored.
  if (flushDrafts() && given.written) dropDraft(written);
  return {
    forget: () => {
      here.delete(name);
      dropDraft(name);
      if (readDraft(written)?.text === text) dropDraft(written);
    },
    failed: () => here.delete(name),
  };
}

/** What was written for a session and has not been sent. */
export interface Unsent {
  text: string;
  problem: string | undefined;
  /** Forgets it. */
  drop: () => void;
}

/**
 * Finds what was written for a session: messages whose sending broke off, then the draft.
 * @param isSent tells whether the log has a message with this text behind this event
 */
export function readUnsent(sessionId: string, isSent: (text: string, after: number) => boolean): Unsent {
  const names: string[] = [];
  let text = "";
  // The names begin with the time of sending.
  const sending = [...readDrafts(prefixOf(sessionId))].toSorted(([a], [b]) => (a < b ? -1 : 1));
  for (const [rest, draft] of sending) {
    const name = prefixOf(sessionId) + rest;
    if (here.has(name)) continue;
    names.push(name);
    if (!isSent(draft.text, draft.after ?? 0)) text = joinTexts(text, draft.text);
  }
  const written = messageDraft(sessionId);
  const draft = readDraft(written);
  return {
    text: joinTexts(text, draft?.text ?? ""),
    problem: draft?.problem,
    drop: () => [...names, written].forEach(dropDraft),
  };
}
