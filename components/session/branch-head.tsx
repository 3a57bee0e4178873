"use client";

import { GitBranch } from "lucide-react";
import Link from "next/link";
import { useMemo, useState } from "react";
import { listEvents } from "#client/api.ts";
import { entriesOf } from "#client/entries.ts";
import { useFormat } from "#client/locale.tsx";
import { useResource } from "#client/resource.ts";
import type { BranchView } from "#domain/branches.ts";
import type { EventEnvelope } from "#domain/events.ts";
import { plural } from "#domain/plural.ts";
import { applyEvents } from "#domain/projection.ts";
import { EMPTY_VIEW } from "#domain/session-view.ts";
import { Button } from "../ui/button.tsx";
import { Icon } from "../ui/icon.tsx";
import { Loaded, Loading } from "../ui/loaded.tsx";
import { railClass } from "../ui/rail.ts";
import { TranscriptEntry, type TranscriptFacts } from "./transcript.tsx";

/** Events before the branch that are read at most, and at a time. */
const MAX_EVENTS = 2_000;
const PAGE = 500;

/** The end of a session's log up to an event; empty where it was removed. */
async function eventsUntil(sessionId: string, until: number): Promise<EventEnvelope[]> {
  const events: EventEnvelope[] = [];
  let after = Math.max(0, until - MAX_EVENTS);
  while (after < until) {
    const page = await listEvents(sessionId, after, Math.min(PAGE, until - after));
    events.push(...page.events.filter(({ seq }) => seq <= until));
    if (page.next_cursor === null || Number(page.next_cursor) <= after) break;
    after = Number(page.next_cursor);
  }
  return events;
}

/** Where a branch comes from, what it began with, and on demand what was said before. */
export function BranchHead({ branch }: { branch: BranchView }) {
  const f = useFormat();
  const [open, setOpen] = useState(false);
  const { parentId, parentTitle, fromSeq, by, saved, toldTurns } = branch;
  return (
    <section className="mb-4 border-b border-line pb-3" aria-label="Where this session branches from">
      <p className="flex flex-wrap items-center gap-x-2 gap-y-1">
        <Icon as={GitBranch} size="sm" className="text-info" />
        <span className="min-w-0 wrap-anywhere">
          {by} branched this from{" "}
          <Link className="font-medium underline underline-offset-3" href={`/studio/${parentId}#e${fromSeq}`}>
            {parentTitle}
          </Link>{" "}
          at event <span className="fact">{fromSeq}</span>.
        </span>
      </p>
      <p className="mt-1 text-small text-ink-2">
        {saved
          ? `It began with the files saved there on ${f.exact(saved.at)}, at event ${saved.seq}.`
          : "Nothing had been saved there by then, so it began from the project."}
        {toldTurns > 0 &&
          ` The agent was told of ${toldTurns} ${plural(toldTurns, "turn", "turns")} in short: ${plural(toldTurns, "it isn't", "they aren't")} in its memory.`}
      </p>
      <Button
        look="quiet"
        size="sm"
        className="mt-1 -ml-2"
        aria-expanded={open}
        onClick={() => setOpen(!open)}
      >
        {open ? "Hide the earlier conversation" : "Show the earlier conversation"}
      </Button>
      {open && <Earlier sessionId={parentId} until={fromSeq} />}
    </section>
  );
}

function Earlier({ sessionId, until }: { sessionId: string; until: number }) {
  const log = useResource(
    ["events-until", sessionId, until],
    async () => await eventsUntil(sessionId, until),
    { forget: true },
  );
  return (
    <Loaded
      resource={log}
      failed="Couldn't load the earlier conversation"
      loading={<Loading>Loading the earlier conversation</Loading>}
    >
      {(events) => <EarlierEntries events={events} until={until} />}
    </Loaded>
  );
}

function EarlierEntries({ events, until }: { events: readonly EventEnvelope[]; until: number }) {
  const [first] = events;
  const view = useMemo(
    () =>
      // A part of a log is applied as if nothing had been before it.
      applyEvents({ ...EMPTY_VIEW, seq: (events[0]?.seq ?? 1) - 1 }, events),
    [events],
  );
  const start = first ? Date.parse(first.ts) : 0;
  const facts: TranscriptFacts = useMemo(
    () => ({
      start,
      plan: view.plan,
      lastRunId: undefined,
      live: false,
      me: "",
      again: undefined,
      rewind: undefined,
      queue: undefined,
      branching: undefined,
    }),
    [start, view.plan],
  );
  if (!first) return <p className="text-small text-ink-2">That session's log was removed.</p>;
  const entries = entriesOf(view).filter(({ kind }) => kind !== "approval" && kind !== "question");
  return (
    <div className="mt-2 opacity-90" data-testid="earlier">
      {first.seq > 1 && (
        <p className="mb-2 text-small text-ink-2">
          The last {events.length} events before the branch. The whole of it is in that session.
        </p>
      )}
      <ol className={railClass} aria-label={`Conversation up to event ${until}`}>
        {entries.map((entry) => (
          <TranscriptEntry key={entry.key} entry={entry} facts={facts} />
        ))}
      </ol>
    </div>
  );
}
