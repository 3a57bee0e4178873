"use client";

import {
  Check,
  ChevronDown,
  ChevronRight,
  GitBranch,
  GitCompare,
  Info,
  ListChecks,
  TriangleAlert,
  Undo2,
  User,
  Wrench,
} from "lucide-react";
import { memo, type ReactNode, useState } from "react";
import { type Entry, sameEntry, seqOf } from "#client/entries.ts";
import { clock } from "#client/format.ts";
import { useFormat } from "#client/locale.tsx";
import { useHydrated } from "#client/use-browser.ts";
import { useNow } from "#client/use-now.ts";
import { plural } from "#domain/plural.ts";
import type { NoticeItem, SessionView, TextItem, UserItem } from "#domain/session-view.ts";
import { Button } from "../ui/button.tsx";
import { Tag } from "../ui/chip.tsx";
import { cn } from "../ui/cn.ts";
import { CopyButton } from "../ui/copy-button.tsx";
import { Glyph } from "../ui/glyph.tsx";
import { Icon } from "../ui/icon.tsx";
import { Notice } from "../ui/notice.tsx";
import { CreditsLinks } from "../ui/problem-notice.tsx";
import { railAtClass, railBodyClass, railTickClass, saidClass, saidHumanClass } from "../ui/rail.ts";
import { AllowHost } from "./allow-host.tsx";
import type { Branching } from "./branching.tsx";
import { AnswerLine } from "./answer-line.tsx";
import { DecisionLine } from "./decision-line.tsx";
import { foldClass } from "./fold.ts";
import { Markdown } from "./markdown.tsx";
import { MentionedText } from "./mentioned-text.tsx";
import { Plan } from "./plan.tsx";
import { EditButton, RewindButton } from "./rewind.tsx";
import { ToolRows } from "./tool-row.tsx";
import { type TurnAct, TurnActions } from "./turn-actions.tsx";

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
  const ms = Date.parse(at);
  const title = known
    ? `${f.exact(ms)}, ${f.wholeSeconds(Math.max(0, ms - start))} after the start`
    : undefined;
  return (
    <li className="group/entry contents" data-entry={entry}>
      <time className={railAtClass} dateTime={at} title={title}>
        {seq === undefined ? (
          clock(ms - start)
        ) : (
          // By keyboard the search offers the same address.
          <a
            className="-my-[3px] -ml-1 inline-block min-w-6 py-[3px] pl-1 hover:text-ink hover:underline"
            href={`#e${seq}`}
            tabIndex={-1}
          >
            {clock(ms - start)}
          </a>
        )}
      </time>
      <span className={railTickClass} aria-hidden="true">
        {tick}
      </span>
      <div
        className={cn(
          railBodyClass,
          "group-data-found/entry:rounded-sm group-data-found/entry:shadow-[0_0_0_4px_var(--accent-soft)]",
        )}
      >
        {children}
      </div>
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
  /**
   * Sends the message of a run again; undefined where that cannot be, or the reader may not.
   * @returns false where it went back to be completed
   */
  again: ((runId: string) => boolean) | undefined;
  /** Has the session go back to the end of a turn, or to before a message; undefined where that cannot be now. */
  rewind: { toEnd: (runId: string, turn: string) => void; edit: (runId: string) => void } | undefined;
  /** Takes back a message that waits, and which one is being taken; undefined where the reader may not. */
  queue: { take: (runId: string) => void; taking: string | undefined } | undefined;
  /** What is done with turns; undefined where the reader may not. */
  branching: Pick<Branching, "fromTurn" | "changesOf"> | undefined;
}

/** One entry of the transcript; approvals that wait are drawn by the page. */
export const TranscriptEntry = memo(function TranscriptEntry({ entry, facts, card }: EntryProps) {
  const rail = (tick: ReactNode, body: ReactNode) => (
    <RailEntry entry={entry.key} seq={seqOf(entry)} at={entry.at} start={facts.start} tick={tick}>
      {body}
    </RailEntry>
  );
  switch (entry.kind) {
    case "user":
      return rail(
        <Icon as={User} size="sm" />,
        <UserMessage item={entry.item} queued={entry.queued} facts={facts} />,
      );
    case "text":
      return rail(
        <Glyph name="said" className="text-accent" />,
        <div className={saidClass}>
          <Markdown text={entry.item.text} done={entry.item.done} />
        </div>,
      );
    case "thinking":
      return <Thinking item={entry.item} entry={entry.key} start={facts.start} />;
    case "tools": {
      const going = entry.items.some((item) => item.state === "running" || item.state === "requested");
      return rail(
        going ? (
          <Glyph name="active" className="text-accent" />
        ) : (
          <Icon as={Wrench} size="xs" className="text-info" />
        ),
        <ToolRows items={entry.items} fresh={entry.items[0]?.runId === facts.lastRunId} />,
      );
    }
    case "plan":
      return rail(<Icon as={ListChecks} size="sm" />, <Plan entries={facts.plan} live={facts.live} />);
    case "approval":
      return rail(<Glyph name="waiting" className="text-warning" />, card);
    case "decision":
      return rail(
        entry.approval.decision === "approved" ? (
          <Icon as={Check} size="xs" className="text-success" />
        ) : (
          <Glyph name="denied" className="text-danger" />
        ),
        <DecisionLine approval={entry.approval} me={facts.me} />,
      );
    case "question":
      return rail(<Glyph name="waiting" className="text-warning" />, card);
    case "answered":
      return rail(
        entry.question.outcome === "answered" ? (
          <Icon as={Check} size="xs" className="text-success" />
        ) : (
          <Glyph name="denied" className="text-neutral" />
        ),
        <AnswerLine question={entry.question} me={facts.me} />,
      );
    case "notice":
      return rail(
        entry.item.tone === "info" ? (
          <Icon as={Info} size="xs" />
        ) : (
          <Icon
            as={TriangleAlert}
            size="xs"
            className={entry.item.tone === "error" ? "text-danger" : "text-warning"}
          />
        ),
        <NoticeEntry item={entry.item} facts={facts} />,
      );
    case "turn":
      return rail(
        <Glyph name="idle" className="text-neutral" />,
        <TurnEnd entry={entry} branching={facts.branching} rewind={facts.rewind} />,
      );
    case "aside":
      return <SetAside entry={entry} facts={facts} />;
  }
}, sameProps);

/** Turns that a rewind has set aside: one line, until somebody wants to read them. */
function SetAside({ entry, facts }: { entry: Extract<Entry, { kind: "aside" }>; facts: TranscriptFacts }) {
  const [open, setOpen] = useState(false);
  const { turns, entries } = entry;
  // Nothing is done from what is over.
  const still: TranscriptFacts = { ...facts, rewind: undefined, again: undefined };
  return (
    <>
      <RailEntry
        entry={entry.key}
        at={entry.at}
        start={facts.start}
        tick={<Icon as={open ? ChevronDown : ChevronRight} size="xs" />}
      >
        <button
          type="button"
          className={cn(foldClass, "-my-px")}
          aria-expanded={open}
          onClick={() => setOpen(!open)}
        >
          {turns} {plural(turns, "turn", "turns")} set aside
        </button>
      </RailEntry>
      {open && entries.map((one) => <TranscriptEntry key={one.key} entry={one} facts={still} />)}
    </>
  );
}

interface EntryProps {
  entry: Entry;
  facts: TranscriptFacts;
  /** The card of an approval or a question. */
  card?: ReactNode;
}

function sameProps(a: EntryProps, b: EntryProps): boolean {
  return sameEntry(a.entry, b.entry) && a.facts === b.facts && a.card === b.card;
}

function UserMessage({
  item: { userName, runId, text, skills },
  queued,
  facts: { queue, rewind },
}: {
  item: UserItem;
  queued: boolean;
  facts: TranscriptFacts;
}) {
  const isTaken = runId !== undefined && queue?.taking === runId;
  return (
    <div className={cn(saidClass, saidHumanClass)}>
      {(userName || queued || rewind) && (
        <p className="flex items-center gap-1.5 text-small whitespace-normal text-ink-3">
          {userName && <strong className="font-semibold text-ink-2">{userName}</strong>}
          {queued && <Tag title="Sent once the agent is free">queued</Tag>}
          {queued && queue && runId !== undefined && (
            <Button look="quiet" size="sm" className="-my-1" off={isTaken} onClick={() => queue.take(runId)}>
              <Icon as={Undo2} size="xs" />
              {isTaken ? "Removing" : "Remove from queue"}
            </Button>
          )}
          {!queued && rewind && runId !== undefined && <EditButton onClick={() => rewind.edit(runId)} />}
        </p>
      )}
      <p className="[unicode-bidi:plaintext]">
        <MentionedText text={text} skills={skills} />
      </p>
    </div>
  );
}

function Thinking({ item, entry, start }: { item: TextItem; entry: string; start: number }) {
  const f = useFormat();
  const [open, setOpen] = useState(false);
  return (
    <RailEntry
      entry={entry}
      seq={item.seq}
      at={item.ts}
      start={start}
      tick={<Icon as={open ? ChevronDown : ChevronRight} size="xs" />}
    >
      <button
        type="button"
        className={cn(foldClass, "-my-px")}
        aria-expanded={open}
        onClick={() => setOpen(!open)}
      >
        {item.done ? (
          `Thought for ${f.duration(Math.max(0, Date.parse(item.endedAt ?? item.ts) - Date.parse(item.ts)))}`
        ) : (
          <ThinkingNow since={item.ts} />
        )}
      </button>
      {open && (
        <div className="mt-1 border-l border-line-strong pl-3 text-base wrap-anywhere whitespace-pre-wrap text-ink-2">
          {item.text}
        </div>
      )}
    </RailEntry>
  );
}

function ThinkingNow({ since }: { since: string }) {
  const now = useNow(1000);
  const ms = now === null ? 0 : Math.max(0, now - Date.parse(since));
  return <>{ms >= 1000 ? `Thinking, ${clock(ms)}` : "Thinking"}</>;
}

function NoticeEntry({ item, facts }: { item: NoticeItem; facts: TranscriptFacts }) {
  const { id, runId, tone, title, text, forCredits, refused } = item;
  const [isSent, setSent] = useState(false);
  const { again } = facts;
  const isEnd = id.startsWith("end:");
  const of = "this turn";
  const acts = isEnd && runId !== undefined && (
    <>
      <TurnActions of={of} acts={actsOf(facts.branching, runId, of)} />
      {facts.rewind && <RewindButton of={of} onClick={() => facts.rewind?.toEnd(runId, of)} />}
    </>
  );
  if (tone === "info")
    return (
      <div className="flex flex-wrap items-center gap-x-3 text-ink-2 wrap-anywhere">
        <p>
          <span className="font-medium text-ink">{title}.</span>
          {text !== `${title}.` && ` ${text}`}
        </p>
        {acts}
      </div>
    );
  const failed = isEnd && facts.live;
  const retries = failed && again && runId !== undefined && runId === facts.lastRunId;
  return (
    <Notice
      tone={tone}
      title={title}
      actions={
        <>
          {forCredits && <CreditsLinks />}
          {retries && (
            <Button
              off={isSent}
              onClick={() => {
                setSent(again(runId));
              }}
            >
              {isSent ? "Sent again" : "Retry"}
            </Button>
          )}
          {acts}
        </>
      }
    >
      <p>{text}</p>
      {refused && <AllowHost refused={refused} />}
      {failed && <p>The session is still open. Retry, or send another message.</p>}
    </Notice>
  );
}

/** What can be done with the end of a turn. */
const actsOf = (branching: TranscriptFacts["branching"], runId: string, turn: string): readonly TurnAct[] =>
  branching
    ? [
        { name: "Branch from here", icon: GitBranch, run: () => branching.fromTurn(runId, turn) },
        { name: "What changed", icon: GitCompare, run: () => branching.changesOf(runId, turn) },
      ]
    : [];

function TurnEnd({
  entry,
  branching,
  rewind,
}: {
  entry: Extract<Entry, { kind: "turn" }>;
  branching: TranscriptFacts["branching"];
  rewind: TranscriptFacts["rewind"];
}) {
  const f = useFormat();
  const { run, turn, answer } = entry;
  const of = `turn ${turn}`;
  const ms = run.startedAt && run.endedAt ? Date.parse(run.endedAt) - Date.parse(run.startedAt) : undefined;
  return (
    <div className="flex min-h-[22px] flex-wrap items-center gap-x-3 text-small whitespace-nowrap text-ink-3">
      <span>Turn {turn} ended</span>
      {ms !== undefined && <span className="fact">{f.duration(ms)}</span>}
      {run.saved && (
        <span title={`Verified ${f.exact(Date.parse(run.saved.at))}: ${run.saved.facts}`}>Saved</span>
      )}
      <TurnActions of={of} acts={actsOf(branching, run.id, of)} />
      {rewind && <RewindButton of={of} onClick={() => rewind.toEnd(run.id, of)} />}
      {answer !== "" && (
        <CopyButton small quiet className="ml-auto" text={answer} label={`the answer of turn ${turn}`} />
      )}
    </div>
  );
}
