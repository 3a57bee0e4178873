"use client";

import { useCallback, useRef, useState } from "react";
import { type Action, useAction } from "#client/action.ts";
import { sendMessage } from "#client/api.ts";
import type { Sending } from "#client/sending.ts";
import { serverNow } from "#client/server-clock.ts";
import type { SessionView } from "#domain/session-view.ts";

/** A message on its way: shown from the press on, until the log has it. */
export interface Outgoing {
  key: string;
  text: string;
  /** ISO 8601. */
  at: string;
  /** What the log had when it was sent. */
  after: number;
  /** Known once Studio has taken it. */
  runId?: string;
}

/** Sending messages, and those that the log does not have yet. */
export interface Outbox {
  /** Sends one; its copy goes once Studio has it. */
  send: Action<[text: string, copy?: Sending]>;
  outgoing: readonly Outgoing[];
  /** How many were sent from here: grows with each press. */
  sent: number;
  /** What a message said that was sent from here: what the log has may be masked. */
  textOf: (runId: string) => string | undefined;
}

/** True where the log has a message with this text behind this event. */
export const isLogged = (view: Pick<SessionView, "items">, text: string, after: number): boolean =>
  view.items.some((item) => item.kind === "user" && item.seq > after && item.text.trim() === text.trim());

/** True where the log has it. What is stored may be masked, so once its run is known, that decides. */
const isIn = (view: Pick<SessionView, "items">, message: Outgoing): boolean =>
  isLogged(view, message.text, message.after) ||
  (message.runId !== undefined &&
    view.items.some((item) => item.kind === "user" && item.runId === message.runId));

/** @param onFailed gets back a message that was not sent, and its copy */
export function useOutbox(
  sessionId: string,
  view: Pick<SessionView, "items" | "seq">,
  onFailed: (text: string, copy: Sending | undefined) => void,
): Outbox {
  const [all, setAll] = useState<readonly Outgoing[]>([]);
  const [sent, setSent] = useState(0);
  const texts = useRef(new Map<string, string>());
  const send = useAction(async (text: string, copy?: Sending) => {
    const message = { key: `sent:${sent}`, text, at: new Date(serverNow()).toISOString(), after: view.seq };
    setSent(sent + 1);
    const left = (known: readonly Outgoing[]) => known.filter(({ key }) => key !== message.key);
    setAll((known) => [...known.filter((other) => !isIn(view, other)), message]);
    try {
      const { runId } = await sendMessage(sessionId, text);
      copy?.forget();
      texts.current.set(runId, text);
      setAll((known) => [...left(known), { ...message, runId }]);
    } catch (error) {
      setAll(left);
      copy?.failed();
      onFailed(text, copy);
      throw error;
    }
  }, "Couldn't send the message");
  const textOf = useCallback((runId: string) => texts.current.get(runId), []);
  return { send, outgoing: all.filter((message) => !isIn(view, message)), sent, textOf };
}
