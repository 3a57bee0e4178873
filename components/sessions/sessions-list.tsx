"use client";

import { Plus } from "lucide-react";
import Link from "next/link";
import { useDeferredValue, useEffect, useState } from "react";
import { useFormat } from "../../lib/client/locale.tsx";
import { type LiveSessions, type TotalsOf, useLiveSessions, useLiveTotals } from "../../lib/client/live.tsx";
import type { ListedSession, Session, SessionTotals } from "../../lib/domain/session.ts";
import type { SessionFilter } from "../../lib/domain/session-filter.ts";
import { Ago } from "../common/ago.tsx";
import { Avatar } from "../common/avatar.tsx";
import { namesOf, Payer } from "../common/payer.tsx";
import { ErrorBoundary } from "../ui/error-boundary.tsx";
import { Glyph } from "../ui/glyph.tsx";
import { Notice } from "../ui/notice.tsx";
import { StatusChip } from "../ui/status-chip.tsx";
import { FilterBar, isNarrowed } from "./filter-bar.tsx";
import { SessionMenu } from "./session-menu.tsx";
import { plural } from "../../lib/domain/plural.ts";

const PAGE = 25;
/** As many sessions are looked at for each page of a filtered list. */
const FILTERED_PAGE = 100;

interface Initial {
  sessions: readonly Session[];
  hasMore: boolean;
}

/** Every session of the organization, newest first, as they change. */
export function SessionsList({ initial }: { initial: Initial }) {
  return (
    <ErrorBoundary
      fallback={
        <div className="grid gap-3">
          <Notice
            tone="warning"
            title="Live updates paused"
            actions={
              <a className="btn btn-sm" href="/sessions">
                Reload
              </a>
            }
          >
            <p>The live connection was refused. This list is from when you opened the page.</p>
          </Notice>
          <List
            sessions={initial.sessions}
            totalsOf={(session) => initial.sessions.find(({ id }) => id === session.id)}
            more="none"
            live={false}
          />
        </div>
      }
    >
      <LiveList initial={initial} />
    </ErrorBoundary>
  );
}

function LiveList({ initial }: { initial: Initial }) {
  const [filter, setFilter] = useState<SessionFilter>({});
  const settled = useDeferredValue(filter);
  return (
    <div className="grid grid-cols-[minmax(0,1fr)] gap-3">
      <FilterBar filter={filter} onChange={setFilter} />
      {isNarrowed(settled) ? (
        // Another filter is another list: what was loaded of the last one says nothing of it.
        <Filtered key={JSON.stringify(settled)} filter={settled} onClear={() => setFilter({})} />
      ) : (
        <AllSessions initial={initial} />
      )}
    </div>
  );
}

function AllSessions({ initial }: { initial: Initial }) {
  const list = useLiveSessions(initial, PAGE);
  return <List {...list} totalsOf={useLiveTotals(list.sessions, initial.sessions)} />;
}

function Filtered({ filter, onClear }: { filter: SessionFilter; onClear: () => void }) {
  const live = useLiveSessions(NOTHING, FILTERED_PAGE, filter);
  const totalsOf = useLiveTotals(live.sessions, NOTHING.sessions);
  const { more, loadMore } = live;
  const short = live.sessions.length < PAGE && more === "some";
  const [searchedPages, setSearchedPages] = useState(0);
  const goOn = short && searchedPages < MAX_SEARCHED_PAGES;
  useEffect(() => {
    if (!goOn) return;
    const timer = setTimeout(() => {
      setSearchedPages((count) => count + 1);
      loadMore();
    });
    return () => clearTimeout(timer);
  }, [goOn, loadMore]);
  if (live.sessions.length > 0) return <List {...live} totalsOf={totalsOf} />;
  if (more === "loading" || goOn || !live.loaded)
    return <p className="bones px-3 py-2 text-ink-3">Searching sessions</p>;
  return (
    <div className="card empty" data-testid="no-match">
      <h2 className="text-title">No matching sessions</h2>
      <p>{filter.archived ? "Nothing in the archive matches." : "Try fewer filters or check the archive."}</p>
      <button type="button" className="btn mt-2" onClick={onClear}>
        Show all
      </button>
    </div>
  );
}

const NOTHING: Initial = { sessions: [], hasMore: false };
/** A filtered list goes on by itself so often, until it has a page; then the person asks for more. */
const MAX_SEARCHED_PAGES = 10;

type ListProps = Pick<LiveSessions, "sessions" | "more" | "live"> &
  Partial<Pick<LiveSessions, "loadMore">> & { totalsOf: TotalsOf };

function List({ sessions, totalsOf, more, live, loadMore }: ListProps) {
  const f = useFormat();
  if (sessions.length === 0)
    return (
      <div className="card empty">
        <h2 className="text-title">No sessions yet</h2>
        <p>A session is a conversation with the agent in its own sandbox. Its transcript stays here.</p>
        <Link className="btn btn-primary mt-2" href="/studio">
          <Plus className="i" aria-hidden="true" />
          Start your first session
        </Link>
      </div>
    );
  return (
    <div className="card max-sm:rounded-none! max-sm:border-x-0!">
      <table className="table max-sm:hidden!">
        <caption className="sr">Sessions, newest first</caption>
        <thead>
          <tr>
            <th scope="col">Title</th>
            <th scope="col">Status</th>
            <th scope="col">Model</th>
            <th scope="col" className="max-lg:hidden">
              Paid by
            </th>
            <th scope="col" className="num">
              Cost
            </th>
            <th scope="col" className="num max-lg:hidden">
              Tokens
            </th>
            <th scope="col" className="max-lg:hidden">
              Started by
            </th>
            <th scope="col" className="num">
              Last activity
            </th>
            <th scope="col">
              <span className="sr">More</span>
            </th>
          </tr>
        </thead>
        <tbody>
          {sessions.map((session) => (
            <Row key={session.id} session={session} totals={totalsOf(session)} />
          ))}
        </tbody>
      </table>
      <ul className="sm:hidden">
        {sessions.map((session) => (
          <Item key={session.id} session={session} totals={totalsOf(session)} />
        ))}
      </ul>
      <div className="flex min-h-10 items-center gap-2 border-t border-line px-3 text-small text-ink-3">
        <span>
          {f.count(sessions.length)} {plural(sessions.length, "session", "sessions")}
          {more !== "none" && " so far"}
        </span>
        {!live && <Connecting />}
        {more !== "none" && loadMore && (
          <button
            type="button"
            className="btn btn-sm ml-auto"
            aria-disabled={more === "loading"}
            onClick={() => more === "some" && loadMore()}
          >
            {more === "loading" ? "Loading" : "Load more"}
          </button>
        )}
      </div>
    </div>
  );
}

/** Says that the list may be behind, once that has lasted a moment. */
function Connecting() {
  return (
    <span className="bones inline-flex items-center gap-1.5">
      <Glyph name="waiting" className="text-warning" />
      connecting
    </span>
  );
}

interface RowProps {
  session: ListedSession;
  /** Undefined for the moment until they are known. */
  totals: SessionTotals | undefined;
}

function Row({ session, totals }: RowProps) {
  const f = useFormat();
  const names = namesOf(session.provider, session.model);
  return (
    <tr>
      <td className="w-full max-w-0 min-w-40">
        <Link
          href={`/studio/${session.id}`}
          className="block truncate leading-6 font-medium underline-offset-3 hover:underline"
        >
          {session.title}
        </Link>
      </td>
      <td>
        <StatusChip status={session.status} waitingFor={session.waitingFor} waitDetail={session.waitDetail} />
      </td>
      <td className="whitespace-nowrap">{names.model}</td>
      <td className="max-lg:hidden">
        <span className="inline-flex items-center gap-1.5 align-middle whitespace-nowrap">
          <Payer source={session.keySource} provider={names.provider} />
        </span>
      </td>
      <td className="num">{totals && f.dollars(totals.totalCostMicroUsd)}</td>
      <td className="num max-lg:hidden">
        {totals && f.tokens(totals.totalInputTokens + totals.totalOutputTokens)}
      </td>
      <td className="max-lg:hidden">
        <span className="inline-flex items-center gap-1.5 align-middle whitespace-nowrap">
          <Avatar name={session.userName} />
          {session.userName}
        </span>
      </td>
      <td className="whitespace-nowrap text-end text-ink-2">
        <Ago at={session.lastActivityAt} />
      </td>
      <td className="w-10 px-1! text-end">
        <SessionMenu session={session} />
      </td>
    </tr>
  );
}

function Item({ session, totals }: RowProps) {
  const f = useFormat();
  return (
    <li className="flex items-center border-b border-line">
      <Link href={`/studio/${session.id}`} className="block min-w-0 flex-1 py-2.5 pl-4">
        <span className="flex items-center gap-2">
          <span className="truncate text-read font-medium">{session.title}</span>
          <span className="fact ml-auto">{totals && f.dollars(totals.totalCostMicroUsd)}</span>
        </span>
        <span className="mt-1 flex items-center gap-2 text-small text-ink-3">
          <StatusChip
            status={session.status}
            waitingFor={session.waitingFor}
            waitDetail={session.waitDetail}
          />
          <span className="truncate">
            {namesOf(session.provider, session.model).model} · {session.userName} ·{" "}
            <Ago at={session.lastActivityAt} />
          </span>
        </span>
      </Link>
      <SessionMenu session={session} />
    </li>
  );
}
