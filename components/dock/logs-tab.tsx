"use client";

import { useEffect, useMemo, useRef, useState } from "react";
import { type ApiError, asApiError, listEvents } from "../../lib/client/api.ts";
import { clock } from "../../lib/client/format.ts";
import { lineOf } from "../../lib/client/log-line.ts";
import type { EventEnvelope } from "../../lib/domain/events.ts";
import { ProblemNotice } from "../common/problem-notice.tsx";
import { ScrollRegion } from "../ui/scroll-region.tsx";
import { plural } from "../../lib/domain/plural.ts";

const PAGE = 200;
const NEAR_PX = 30;

/** The session's last events, each in a line; new ones come at the end. */
export function LogsTab({
  sessionId,
  seq,
  recent,
  start,
}: {
  sessionId: string;
  seq: number;
  recent: readonly EventEnvelope[];
  start: number;
}) {
  const [stored, setStored] = useState<readonly EventEnvelope[]>([]);
  const [problem, setProblem] = useState<ApiError>();
  const [filter, setFilter] = useState("");
  const [from] = useState(Math.max(0, seq - PAGE));
  const box = useRef<HTMLElement>(null);
  const follows = useRef(true);
  useEffect(() => {
    let gone = false;
    listEvents(sessionId, from, PAGE).then(
      ({ events }) => !gone && setStored(events),
      (error: unknown) => !gone && setProblem(asApiError(error)),
    );
    return () => {
      gone = true;
    };
  }, [sessionId, from]);
  const events = useMemo(() => {
    const last = stored.at(-1)?.seq ?? 0;
    const all = [...stored, ...recent.filter((event) => event.seq > last)];
    const wanted = filter.trim().toLowerCase();
    return wanted === ""
      ? all
      : all.filter((event) => `${event.type} ${lineOf(event)}`.toLowerCase().includes(wanted));
  }, [stored, recent, filter]);
  const count = events.length;
  useEffect(() => {
    if (count > 0 && follows.current && box.current) box.current.scrollTop = box.current.scrollHeight;
  }, [count]);

  return (
    <div className="flex h-full flex-col">
      <div className="pane-bar">
        <label className="sr" htmlFor="log-filter">
          Filter log
        </label>
        <input
          id="log-filter"
          className="input max-w-60"
          placeholder="Filter by type or text"
          value={filter}
          onChange={(event) => setFilter(event.target.value)}
        />
        <span className="faint ml-auto">
          <span className="fact">{events.length}</span> {plural(events.length, "event", "events")}
        </span>
      </div>
      {problem && (
        <div className="p-2">
          <ProblemNotice title="Couldn't load the log" error={problem} />
        </div>
      )}
      <ScrollRegion
        ref={box}
        className="log min-h-0 flex-1 overflow-auto"
        label="Log"
        onScroll={({ currentTarget: at }) => {
          follows.current = at.scrollHeight - at.scrollTop - at.clientHeight < NEAR_PX;
        }}
      >
        <ol>
          {events.map((event) => (
            <li key={event.seq} className="log-line">
              <span className="faint">{event.seq}</span>
              <span className="faint">{clock(Date.parse(event.ts) - start)}</span>
              <span className="text-info">{event.type}</span>
              <span className="truncate">{lineOf(event)}</span>
            </li>
          ))}
        </ol>
      </ScrollRegion>
    </div>
  );
}
