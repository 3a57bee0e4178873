"use client";

import { type KeyboardEvent, useEffect, useEffectEvent, useMemo, useRef, useState } from "react";
import { useFormat } from "#client/locale.tsx";
import { isTyping, useSingleKeys } from "#client/single-keys.ts";
import { isPlainKey, useKeys } from "#client/use-keys.ts";
import { type TimelineState, useTimeline } from "#client/use-timeline.ts";
import { shownRows, totalsOf } from "#domain/inspector.ts";
import { Button } from "../ui/button.tsx";
import { cn } from "../ui/cn.ts";
import { ProblemNotice } from "../ui/problem-notice.tsx";
import { Segments } from "../ui/segments.tsx";
import { Activity } from "./activity.tsx";
import { CompareRuns } from "./compare-runs.tsx";
import { EventDetail } from "./event-detail.tsx";
import { EventList, type EventListHandle } from "./event-list.tsx";
import { filterOf, InspectorFilters, NO_WISHES } from "./inspector-filters.tsx";
import { StatsBar } from "./stats-bar.tsx";

const VIEWS = [
  { value: "timeline", name: "Timeline" },
  { value: "compare", name: "Compare runs" },
] as const;

/** A second `g` counts with the first one so long. */
const TWICE_MS = 600;

const seqInAddress = (): number | undefined => {
  const found = /^#e(\d+)$/.exec(typeof location === "undefined" ? "" : location.hash);
  return found ? Number(found[1]) : undefined;
};

/** How far the log was read. */
function Reading({ stream, count }: { stream: TimelineState["stream"]; count: number }) {
  const f = useFormat();
  const words = {
    connecting: "Reading the log",
    "catching-up": "Reading the log",
    live: "Live",
    offline: "Offline: it goes on once the connection is back",
    gap: "Reading a gap again",
    ended: "Complete",
    refused: "Couldn't read the log",
  }[stream.kind];
  return (
    <output className="text-small text-ink-3">
      {words} · <span className="fact">{f.count(count)}</span> events
    </output>
  );
}

/** What happened in a session, event by event. */
export function InspectorScreen({ sessionId }: { sessionId: string }) {
  const { timeline, version, stream } = useTimeline(sessionId);
  const [view, setView] = useState<(typeof VIEWS)[number]["value"]>("timeline");
  const [wishes, setWishes] = useState(NO_WISHES);
  /** By its number, so that it stays chosen whatever else is shown. */
  const [seq, setSeq] = useState<number>();
  const [follows, setFollows] = useState(false);
  const list = useRef<EventListHandle>(null);
  const lastG = useRef(0);
  const single = useSingleKeys();

  const shown = useMemo(
    () => shownRows(timeline, filterOf(wishes)),
    // oxlint-disable-next-line react/exhaustive-deps -- the timeline grows, and the version tells
    [timeline, version, wishes],
  );
  // oxlint-disable-next-line react/exhaustive-deps -- as above
  const totals = useMemo(() => totalsOf(timeline.rows), [timeline, version]);
  const chosen = seq === undefined ? -1 : shown.findIndex((place) => timeline.rows[place]?.seq === seq);
  const row = seq === undefined ? undefined : timeline.rows.find((one) => one.seq === seq);

  const choose = (index: number) => {
    const place = shown[Math.max(0, Math.min(index, shown.length - 1))];
    const next = place === undefined ? undefined : timeline.rows[place];
    if (!next) return;
    setSeq(next.seq);
    history.replaceState(history.state, "", `#e${next.seq}`);
  };
  const go = (to: number) => {
    setView("timeline");
    setWishes((now) => ({
      ...now,
      isGrouped: false,
      hidden: [],
      types: "",
      text: "",
      fromSeq: "",
      toSeq: "",
    }));
    setSeq(to);
    history.replaceState(history.state, "", `#e${to}`);
  };
  /** To the first event of the run before, or behind. */
  const stepRun = (by: 1 | -1) => {
    const here = row?.runId ?? null;
    const from = Math.max(0, chosen);
    for (let index = from + by; index >= 0 && index < shown.length; index += by) {
      const one = timeline.rows[shown[index]!]!;
      if (one.runId === null || one.runId === here) continue;
      // Upward, its first event is wanted, not its last.
      const first = by === 1 ? index : shown.findIndex((place) => timeline.rows[place]?.runId === one.runId);
      return choose(first);
    }
  };

  const fromAddress = useEffectEvent(() => {
    const wanted = seqInAddress();
    if (wanted !== undefined && wanted !== seq && timeline.lastSeq >= wanted) go(wanted);
  });
  useEffect(() => {
    fromAddress();
    window.addEventListener("hashchange", fromAddress);
    return () => window.removeEventListener("hashchange", fromAddress);
  }, [version]);
  const toEnd = useEffectEvent(() => list.current?.reveal(shown.length - 1));
  useEffect(() => {
    if (follows) toEnd();
  }, [follows, version]);

  const onKeyDown = (event: KeyboardEvent) => {
    const { key, metaKey, ctrlKey, altKey } = event;
    // A key that is held goes on, line by line.
    if (!isPlainKey({ metaKey, ctrlKey, altKey, repeat: false })) return;
    if (key === "ArrowDown" || key === "j") choose(chosen + 1);
    else if (key === "ArrowUp" || key === "k") choose(chosen === -1 ? 0 : chosen - 1);
    else if (key === "PageDown") choose(chosen + 20);
    else if (key === "PageUp") choose(chosen - 20);
    else if (key === "Home") choose(0);
    else if (key === "End" || key === "G") choose(shown.length - 1);
    else if (key === "g") {
      if (event.timeStamp - lastG.current < TWICE_MS) choose(0);
      lastG.current = event.timeStamp;
    } else if (key === "Enter")
      document.querySelector<HTMLElement>('[data-testid="event-detail"] button')?.focus();
    else if (key === "[") stepRun(-1);
    else if (key === "]") stepRun(1);
    else return;
    event.preventDefault();
  };
  useKeys((event, layered) => {
    if (layered) return;
    const isFind = (event.metaKey || event.ctrlKey) && event.key.toLowerCase() === "f" && !event.shiftKey;
    if (isFind) document.querySelector<HTMLElement>("[data-filter]")?.focus();
    else if (event.key === "Escape" && isTyping(event.target)) list.current?.focus();
    else if (single && !isTyping(event.target) && isPlainKey(event) && event.key.toLowerCase() === "f")
      setFollows((now) => !now);
    else return;
    event.preventDefault();
  });

  return (
    <>
      <StatsBar totals={totals} label="What the session came to" />
      <Activity rows={timeline.rows} version={version} />
      <div className="flex flex-none flex-wrap items-center gap-3 border-b border-line px-4 py-1.5 max-sm:px-3">
        <Segments label="View" value={view} items={VIEWS} onChange={setView} />
        <Button
          look="quiet"
          size="sm"
          aria-pressed={follows}
          title="Follow new events (F)"
          onClick={() => setFollows(!follows)}
        >
          {follows ? "Following" : "Follow"}
        </Button>
        <span className="ml-auto" />
        <Reading stream={stream} count={timeline.rows.length} />
      </div>
      {stream.kind === "refused" && (
        <div className="p-4">
          <ProblemNotice title="Couldn't read the log" error={stream.error} />
        </div>
      )}
      {view === "compare" ? (
        <CompareRuns timeline={timeline} version={version} onGo={go} />
      ) : (
        <>
          <InspectorFilters timeline={timeline} wishes={wishes} onChange={setWishes} />
          <div
            className={cn(
              "grid min-h-0 flex-1 max-sm:grid-cols-[minmax(0,1fr)]",
              row ? "grid-cols-[minmax(0,1fr)_minmax(300px,420px)]" : "grid-cols-[minmax(0,1fr)]",
              row && "max-sm:grid-rows-[minmax(0,1fr)_minmax(0,1fr)]",
            )}
          >
            {shown.length === 0 && timeline.rows.length > 0 ? (
              <p className="p-4 text-ink-2">No event matches.</p>
            ) : (
              <EventList
                ref={list}
                timeline={timeline}
                shown={shown}
                chosen={chosen}
                isGrouped={wishes.isGrouped}
                onChoose={choose}
                onKeyDown={onKeyDown}
              />
            )}
            {row && (
              <section
                aria-label="Event"
                className="min-h-0 overflow-auto border-l border-line max-sm:border-t max-sm:border-l-0"
              >
                <EventDetail
                  sessionId={sessionId}
                  timeline={timeline}
                  row={row}
                  onStep={(by) => choose(chosen + by)}
                  onGo={go}
                />
              </section>
            )}
          </div>
        </>
      )}
    </>
  );
}
