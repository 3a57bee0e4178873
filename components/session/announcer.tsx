"use client";

import { useEffect, useRef } from "react";
import { keyRefused, type SessionView } from "#domain/session-view.ts";
import { useSessionState } from "./session-context.tsx";

const QUIET_MS = 5000;

const firstSentence = (text: string) =>
  /^[^\n]*?[.:!?](?=\s|$)|^[^\n]*/.exec(text.trim())?.[0].slice(0, 160) ?? "";

/** What happened between two views that is worth saying, at boundaries only; never the words as they stream. */
export function boundary(before: SessionView, after: SessionView): string | undefined {
  if (before.status !== after.status) {
    if (after.status === "ready") return "Workspace is ready";
    if (after.status === "active") return "Agent is working";
    if (after.status === "stopped") return "Session ended";
    if (after.status === "idle") {
      const answer = after.items.findLast((item) => item.kind === "text");
      const said = answer?.kind === "text" ? firstSentence(answer.text) : "";
      return said === "" ? "Agent finished" : `Agent finished: ${said}`;
    }
  }
  const step = after.plan.findIndex((entry) => entry.status === "in_progress");
  const current = after.plan[step];
  if (current && current.content !== before.plan.find((entry) => entry.status === "in_progress")?.content)
    return `${current.content}, step ${step + 1} of ${after.plan.length}`;
  return undefined;
}

/** What must be heard at once: questions and failures that were not there before. */
export function urgent(before: SessionView | null, after: SessionView): string[] {
  const known = new Set(before?.approvals.map((approval) => approval.key));
  const asks = after.approvals
    .filter((approval) => !approval.decision && !known.has(approval.key))
    .map((approval) => `Waiting for you: ${approval.summary}`);
  const knownQuestions = new Set(before?.questions.map((question) => question.key));
  for (const question of after.questions)
    if (!question.outcome && !knownQuestions.has(question.key))
      asks.push(`Waiting for you: ${question.questions.map((asked) => asked.question).join(" ")}`);
  if (!before) return asks;
  const waits =
    after.waitingFor === before.waitingFor
      ? []
      : after.waitingFor === "budget"
        ? ["Waiting for you: spending cap reached"]
        : after.waitingFor === "credits"
          ? ["Waiting for you: out of credits"]
          : after.waitingFor === "limit"
            ? ["Waiting for an admin: a monthly limit is reached"]
            : keyRefused(after)
              ? ["Waiting for you: key rejected"]
              : [];
  const faults = after.items
    .filter((item) => item.kind === "notice" && item.tone === "error" && item.seq > before.seq)
    .map((item) => (item.kind === "notice" ? `${item.title}. ${item.text}` : ""));
  const ended =
    after.status === "error" && before.status !== "error" ? [`Session failed. ${after.error ?? ""}`] : [];
  return [...asks, ...waits, ...faults, ...ended];
}

/** Speaks for people who listen: politely at most every five seconds, and at once where an answer is wanted. */
export function Announcer() {
  const { view } = useSessionState();
  const polite = useRef<HTMLOutputElement>(null);
  const alert = useRef<HTMLParagraphElement>(null);
  const last = useRef<SessionView | null>(null);
  const announcedAt = useRef(0);
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);

  useEffect(() => {
    const before = last.current;
    last.current = view;
    const now = urgent(before, view);
    if (now.length > 0 && alert.current) alert.current.textContent = now.join(". ");
    const message = before && boundary(before, view);
    if (!message) return;
    clearTimeout(timer.current);
    const wait = Math.max(0, announcedAt.current + QUIET_MS - Date.now());
    timer.current = setTimeout(() => {
      announcedAt.current = Date.now();
      if (polite.current) polite.current.textContent = message;
    }, wait);
  }, [view]);
  useEffect(() => () => clearTimeout(timer.current), []);

  return (
    <>
      <output ref={polite} className="sr-only" />
      <p ref={alert} className="sr-only" role="alert" />
    </>
  );
}
