"use client";

import {
  Check,
  ChevronDown,
  ChevronRight,
  Copy,
  Info,
  ListChecks,
  TriangleAlert,
  Undo2,
  User,
  Wrench,
} from "lucide-react";
import { memo, type ReactNode, useState } from "react";
import { clock } from "../../lib/client/format.ts";
import { useFormat } from "../../lib/client/locale.tsx";
import { useHydrated } from "../../lib/client/use-browser.ts";
import { useNow } from "../../lib/client/use-now.ts";
import type { NoticeItem, SessionView, TextItem, UserItem } from "../../lib/domain/session-view.ts";
import { Glyph } from "../ui/glyph.tsx";
import { Notice } from "../ui/notice.tsx";
import { AnswerLine } from "./answer-line.tsx";
import { DecisionLine } from "./decision-line.tsx";
import { type Entry, sameEntry, seqOf } from "./entries.ts";
import { Markdown } from "./markdown.tsx";
import { Plan } from "./plan.tsx";
import { ToolRows } from "./tool-row.tsx";
import { CreditsLinks } from "./wait-card.tsx";

/** One mark on the rail, at its time since the session began. */
export function RailEntry({
  at,
  start,
  tick,
  entry,
  seq,
  children,
}: {
  /** Its key among the entries, by which it is found. */
  entry?: string;
  /** The event that it begins with, for an address that leads here. */
  seq?: number | undefined;
  /** ISO 8601. */
  at: string;
  /** Epoch milliseconds. */
  start: number;
  tick: ReactNode;
  children: ReactNode;
}) {
  const f = useFormat();
  const known = useHydrated();
  return (
    <li data-entry={entry}>
      <time className="at" dateTime={at} title={known ? f.exact(Date.parse(at)) : undefined}>
        {seq === undefined ? (
          clock(Date.parse(at) - start)
        ) : (
          // By keyboard the search offers the same address.
          <a href={`#e${seq}`} tabIndex={-1}>
            {clock(Date.parse(at) - start)}
          </a>
        )}
      </time>
      <span className="tick" aria-hidden="true">
        {tick}
      </span>
      <div className="body">{children}</div>
    </li>
  );
}

/** What the entries need to know of their session. */
export interface TranscriptFacts {
  start: number;
  plan: SessionView["plan"];
  /** The newest run: its calls are shown open. */
  lastRunId: string | undefined;
  live: boolean;
  me: string;
  /** Takes back a message that waits; undefined where the reader may not. */
  removeFromQueue: ((runId: string) => Promise<void>) | undefined;
}

/** One entry of the transcript; approvals that wait are drawn by the page. */
export const TranscriptEntry = memo(function TranscriptEntry({ entry, facts, approval }: EntryProps) {
  const rail = (tick: ReactNode, body: ReactNode) => (
    <RailEntry entry={entry.key} seq={seqOf(entry)} at={entry.at} start={facts.start} tick={tick}>
      {body}
    </RailEntry>
  );
  switch (entry.kind) {
    case "user":
      return rail(
        <User className="i i-sm" />,
        <UserMessage item={entry.item} queued={entry.queued} removeFromQueue={facts.removeFromQueue} />,
      );
    case "text":
      return rail(
        <Glyph name="said" className="text-accent" />,
        <div className="said">
          <Markdown text={entry.item.text} done={entry.item.done} />
        </div>,
      );
    case "thinking":
      return <Thinking item={entry.item} entry={entry.key} start={facts.start} />;
    case "tools": {
      const going = entry.items.some((item) => item.state === "running" || item.state === "requested");
      return rail(
        going ? <Glyph name="active" className="text-accent" /> : <Wrench className="i i-xs text-info" />,
        <ToolRows items={entry.items} fresh={entry.items[0]?.runId === facts.lastRunId} />,
      );
    }
    case "plan":
      return rail(<ListChecks className="i i-sm" />, <Plan entries={facts.plan} />);
    case "approval":
      return rail(<Glyph name="waiting" className="text-warning" />, approval);
    case "decision":
      return rail(
        entry.approval.decision === "approved" ? (
          <Check className="i i-xs text-success" />
        ) : (
          <Glyph name="denied" className="text-danger" />
        ),
        <DecisionLine approval={entry.approval} me={facts.me} />,
      );
    case "question":
      return rail(<Glyph name="waiting" className="text-warning" />, approval);
    case "answered":
      return rail(
        entry.question.outcome === "answered" ? (
          <Check className="i i-xs text-success" />
        ) : (
          <Glyph name="denied" className="text-neutral" />
        ),
        <AnswerLine question={entry.question} me={facts.me} />,
      );
    case "notice":
      return rail(
        entry.item.tone === "info" ? (
          <Info className="i i-xs" />
        ) : (
          <TriangleAlert
            className={`i i-xs ${entry.item.tone === "error" ? "text-danger" : "text-warning"}`}
          />
        ),
        <NoticeEntry item={entry.item} live={facts.live} />,
      );
    case "turn":
      return rail(<Glyph name="idle" className="text-neutral" />, <TurnEnd entry={entry} />);
  }
}, sameProps);

interface EntryProps {
  entry: Entry;
  facts: TranscriptFacts;
  /** The card of an approval or a question. */
  approval?: ReactNode;
}

function sameProps(a: EntryProps, b: EntryProps): boolean {
  return sameEntry(a.entry, b.entry) && a.facts === b.facts && a.approval === b.approval;
}

function UserMessage({
  item,
  queued,
  removeFromQueue,
}: {
  item: UserItem;
  queued: boolean;
  removeFromQueue: TranscriptFacts["removeFromQueue"];
}) {
  const [taking, setTaking] = useState(false);
  const { runId } = item;
  const take = async () => {
    if (taking || !removeFromQueue || runId === undefined) return;
    setTaking(true);
    await removeFromQueue(runId);
    setTaking(false);
  };
  return (
    <div className="said said-human">
      {(item.userName || queued) && (
        <p className="who">
          {item.userName && <strong>{item.userName}</strong>}
          {queued && (
            <span className="tag" title="Sent once the agent is free">
              queued
            </span>
          )}
          {queued && removeFromQueue && runId !== undefined && (
            <button
              type="button"
              className="btn btn-quiet btn-sm -my-1"
              aria-disabled={taking}
              onClick={() => void take()}
            >
              <Undo2 className="i i-xs" aria-hidden="true" />
              {taking ? "Removing" : "Remove from queue"}
            </button>
          )}
        </p>
      )}
      {item.text}
    </div>
  );
}

function Thinking({ item, entry, start }: { item: TextItem; entry: string; start: number }) {
  const f = useFormat();
  const [open, setOpen] = useState(false);
  const Chevron = open ? ChevronDown : ChevronRight;
  return (
    <RailEntry entry={entry} seq={item.seq} at={item.ts} start={start} tick={<Chevron className="i i-xs" />}>
      <button type="button" className="fold -my-px" aria-expanded={open} onClick={() => setOpen(!open)}>
        {item.done ? (
          `Thought for ${f.duration(Math.max(0, Date.parse(item.endedAt ?? item.ts) - Date.parse(item.ts)))}`
        ) : (
          <ThinkingNow since={item.ts} />
        )}
      </button>
      {open && <div className="thought">{item.text}</div>}
    </RailEntry>
  );
}

function ThinkingNow({ since }: { since: string }) {
  const now = useNow(1000);
  const ms = now === null ? 0 : Math.max(0, now - Date.parse(since));
  return <>{ms >= 1000 ? `Thinking, ${clock(ms)}` : "Thinking"}</>;
}

function NoticeEntry({ item, live }: { item: NoticeItem; live: boolean }) {
  const ended = item.id.startsWith("end:");
  if (item.tone === "info")
    return (
      <p className="text-ink-2 wrap-anywhere">
        <span className="font-medium text-ink">{item.title}.</span>
        {item.text !== `${item.title}.` && ` ${item.text}`}
      </p>
    );
  return (
    <Notice tone={item.tone} title={item.title} actions={item.forCredits && <CreditsLinks />}>
      <p>{item.text}</p>
      {ended && live && <p>The session is still open. Send a message to try again or do something else.</p>}
    </Notice>
  );
}

function TurnEnd({ entry }: { entry: Extract<Entry, { kind: "turn" }> }) {
  const f = useFormat();
  const [copied, setCopied] = useState(false);
  const { run, turn, answer } = entry;
  const ms = run.startedAt && run.endedAt ? Date.parse(run.endedAt) - Date.parse(run.startedAt) : undefined;
  const copy = async () => {
    try {
      await navigator.clipboard.writeText(answer);
      setCopied(true);
    } catch (error) {
      console.warn("The answer cannot be copied", error);
    }
  };
  return (
    <div className="flex min-h-[22px] items-center gap-3 text-small text-ink-3">
      <span>Turn {turn} ended</span>
      {ms !== undefined && <span className="fact">{f.duration(ms)}</span>}
      {answer !== "" && (
        <button type="button" className="btn btn-quiet btn-sm ml-auto" onClick={() => void copy()}>
          {copied ? <Check className="i i-sm" /> : <Copy className="i i-sm" />}
          {copied ? "Copied" : "Copy"}
        </button>
      )}
    </div>
  );
}
