"use client";

import { useState } from "react";
import { type Action, useAction } from "#client/action.ts";
import { sendMessage } from "#client/api.ts";
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
  /** Sends one; `onSent` is called once Studio has it. */
  send: Action<[text: string, onSent: () => void]>;
  outgoing: readonly Outgoing[];
  /** How many were sent from here: grows with each press. */
  sent: number;
}

/** True where the log has it. What is stored may be masked, so once its run is known, that decides. */
const isIn = (view: Pick<SessionView, "items">, message: Outgoing): boolean =>
  view.items.some(
    (item) =>
      item.kind === "user" &&
      item.seq > message.after &&
      ((message.runId !== undefined && item.runId === message.runId) ||
        item.text.trim() === message.text.trim()),
  );

/** @param onFailed gets back a message that was not sent */
export function useOutbox(
  sessionId: string,
  view: Pick<SessionView, "items" | "seq">,
  onFailed: (text: string) => void,
): Outbox {
  const [all, setAll] = useState<readonly Outgoing[]>([]);
  const [sent, setSent] = useState(0);
  const send = useAction(async (text: string, onSent: () => void) => {
    const message = { key: `sent:${sent}`, text, at: new Date(serverNow()).toISOString(), after: view.seq };
    setSent(sent + 1);
    const left = (known: readonly Outgoing[]) => known.filter(({ key }) => key !== message.key);
    setAll((known) => [...known.filter((other) => !isIn(view, other)), message]);
    try {
      const { runId } = await sendMessage(sessionId, text);
      onSent();
      setAll((known) => [...left(known), { ...message, runId }]);
    } catch (error) {
      setAll(left);
      onFailed(text);
      throw error;
    }
  }, "Couldn't send the message");
  return { send, outgoing: all.filter((message) => !isIn(view, message)), sent };
}
