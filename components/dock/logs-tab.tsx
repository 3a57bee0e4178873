"use client";

import { useMemo, useState } from "react";
import { listEvents } from "#client/api.ts";
import { clock } from "#client/format.ts";
import { lineOf } from "#client/log-line.ts";
import { isFiltered, isIn, logFilterOf, NO_LOG_WISHES, useLogSearch } from "#client/log-search.ts";
import { useResource } from "#client/resource.ts";
import { useStayAtEnd } from "#client/use-stay-at-end.ts";
import type { EventEnvelope } from "#domain/events.ts";
import { plural } from "#domain/plural.ts";
import { useOpened, useSessionState } from "../session/session-context.tsx";
import { Button } from "../ui/button.tsx";
import { ReadProblem } from "../ui/loaded.tsx";
import { PaneBar } from "../ui/pane-bar.tsx";
import { ScrollRegion } from "../ui/scroll-region.tsx";
import { LogFilters } from "./log-filters.tsx";

const PAGE = 200;
const NOTHING: readonly EventEnvelope[] = [];

/** The session's last events, each in a line, or what a filter leaves of all; new ones come at the end. */
export function LogsTab() {
  const { session } = useOpened();
  const { view, recent } = useSessionState();
  const [wishes, setWishes] = useState(NO_LOG_WISHES);
  const [from] = useState(Math.max(0, view.seq - PAGE));
  const log = useResource(
    ["events", session.id, from],
    async () => (await listEvents(session.id, from, PAGE)).events,
  );
  const stored = log.data ?? NOTHING;
  const all = useMemo(() => {
    const last = stored.at(-1)?.seq ?? 0;
    return [...stored, ...recent.filter((event) => event.seq > last)];
  }, [stored, recent]);
  const { filter, faults } = useMemo(() => logFilterOf(wishes), [wishes]);
  const isPart = all.length < view.seq;
  const narrowed = isFiltered(filter);
  // What is here already needs no request.
  const isSearch = narrowed && isPart;
  const search = useLogSearch(session.id, filter, isSearch);
  const events = useMemo(() => {
    if (!narrowed) return all;
    if (!isSearch) return all.filter((event) => isIn(event, filter));
    const last = search.events.at(-1)?.seq ?? 0;
    const isWhole = search.loadMore === undefined && !search.loading;
    return isWhole
      ? [...search.events, ...recent.filter((one) => one.seq > last && isIn(one, filter))]
      : search.events;
  }, [all, recent, filter, narrowed, isSearch, search]);
  const { box, onScroll } = useStayAtEnd(events.length);
  return (
    <div className="flex h-full flex-col">
      <PaneBar>
        <LogFilters wishes={wishes} faults={faults} onChange={setWishes} />
        <output className="ml-auto text-ink-3">
          {narrowed && (
            <>
              <span className="fact">{events.length}</span> {plural(events.length, "match", "matches")}
              {isSearch && search.loadMore ? " so far" : ""} in{" "}
            </>
          )}
          {isPart && !narrowed && (
            <>
              the last <span className="fact">{all.length}</span> of{" "}
            </>
          )}
          <span className="fact">{view.seq}</span> {plural(view.seq, "event", "events")}
        </output>
        {isSearch && search.loadMore && (
          <Button size="sm" off={search.loading} onClick={search.loadMore}>
            {search.loading ? "Searching" : "Search on"}
          </Button>
        )}
      </PaneBar>
      <div className="p-2 empty:hidden">
        <ReadProblem of={isSearch ? search : log} title="Couldn't load the log" />
      </div>
      <ScrollRegion
        ref={box}
        className="min-h-0 flex-1 overflow-auto bg-sunken font-mono text-[11px] leading-[18px] [word-spacing:0]"
        label="Log"
        onScroll={onScroll}
      >
        <ol>
          {events.map((event) => (
            <li
              key={event.seq}
              className="grid grid-cols-[44px_52px_168px_minmax(0,1fr)] gap-2 px-3 whitespace-nowrap [contain-intrinsic-height:auto_18px] [content-visibility:auto] max-sm:grid-cols-[40px_128px_minmax(0,1fr)]"
            >
              <span className="text-end tabular-nums text-ink-3">{event.seq}</span>
              <span className="text-end tabular-nums text-ink-3 max-sm:hidden">
                {clock(Date.parse(event.ts) - session.createdAt)}
              </span>
              <span className="text-info">{event.type}</span>
              <span className="truncate">{lineOf(event)}</span>
            </li>
          ))}
        </ol>
      </ScrollRegion>
    </div>
  );
}
