"use client";

import { Plus } from "lucide-react";
import Link from "next/link";
import { useDeferredValue, useEffect, useState } from "react";
import { type LiveSessions, type TotalsOf, useLiveSessions, useLiveTotals } from "#client/live.tsx";
import { useFormat } from "#client/locale.tsx";
import type { ListedSession, Session, SessionTotals } from "#domain/session.ts";
import type { SessionFilter } from "#domain/session-filter.ts";
import { Ago } from "../common/ago.tsx";
import { Avatar } from "../common/avatar.tsx";
import { namesOf, Payer } from "../common/payer.tsx";
import { Button, ButtonLink } from "../ui/button.tsx";
import { buttonClass } from "../ui/button-class.ts";
import { cardClass, Empty } from "../ui/card.tsx";
import { cn } from "../ui/cn.ts";
import { type Column, DataTable } from "../ui/data-table.tsx";
import { ErrorBoundary } from "../ui/error-boundary.tsx";
import { Icon } from "../ui/icon.tsx";
import { MoreRows } from "../ui/more-rows.tsx";
import { Notice } from "../ui/notice.tsx";
import { FilterBar, isNarrowed } from "./filter-bar.tsx";
import { SessionStatus } from "./imported.tsx";
import { BranchOf, SavedWork } from "./saved-work.tsx";
import { SessionMenu } from "./session-menu.tsx";

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
              <a className={buttonClass({ size: "sm" })} href="/sessions">
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
  if (more === "some")
    return (
      <Empty
        card
        data-testid="no-match-yet"
        title="No matching sessions so far"
        actions={
          <>
            <Button
              onClick={() => {
                setSearchedPages(0);
                loadMore();
              }}
            >
              Search older sessions
            </Button>
            <Button onClick={onClear}>Show all</Button>
          </>
        }
      >
        The search stopped before the oldest sessions.
      </Empty>
    );
  return (
    <Empty
      card
      data-testid="no-match"
      title="No matching sessions"
      actions={<Button onClick={onClear}>Show all</Button>}
    >
      {filter.archived ? "Nothing in the archive matches." : "Try fewer filters or check the archive."}
    </Empty>
  );
}

const NOTHING: Initial = { sessions: [], hasMore: false };
/** A filtered list goes on by itself so often, until it has a page; then the person asks for more. */
const MAX_SEARCHED_PAGES = 10;

type ListProps = Pick<LiveSessions, "sessions" | "more" | "live"> &
  Partial<Pick<LiveSessions, "loadMore">> & { totalsOf: TotalsOf };

/** A session of the list; its totals are undefined for the moment until they are known. */
type Row = ListedSession & { totals: SessionTotals | undefined };

const COLUMNS: Column<Row>[] = [
  {
    name: "Title",
    className: "w-full max-w-0 min-w-40",
    render: (session) => (
      <>
        <Link
          href={`/studio/${session.id}`}
          className="block truncate leading-6 font-medium underline-offset-3 hover:underline"
        >
          {session.title}
        </Link>
        <BranchOf session={session} />
      </>
    ),
  },
  { name: "Status", render: (session) => <SessionStatus session={session} /> },
  {
    name: "Model",
    className: "whitespace-nowrap",
    render: ({ provider, model }) => namesOf(provider, model).model,
  },
  {
    name: "Paid by",
    hideBelow: "lg",
    render: ({ keySource, provider, model, importedAt }) =>
      importedAt === null && (
        <span className="inline-flex items-center gap-1.5 align-middle whitespace-nowrap">
          <Payer source={keySource} provider={namesOf(provider, model).provider} />
        </span>
      ),
  },
  { name: "Cost", num: true, render: (session) => <Cost of={session} /> },
  { name: "Tokens", num: true, hideBelow: "lg", render: (session) => <Tokens of={session} /> },
  { name: "Saved", num: true, hideBelow: "xl", render: (session) => <SavedWork of={session} /> },
  {
    name: "Started by",
    hideBelow: "lg",
    render: ({ userName }) => (
      <span className="inline-flex items-center gap-1.5 align-middle whitespace-nowrap">
        <Avatar name={userName} />
        {userName}
      </span>
    ),
  },
  {
    name: "Last activity",
    nameClass: "text-end",
    className: "text-end whitespace-nowrap text-ink-2",
    render: ({ lastActivityAt }) => <Ago at={lastActivityAt} />,
  },
  {
    name: "More",
    isNameHidden: true,
    className: "w-10 px-1 text-end",
    render: (session) => <SessionMenu session={session} />,
  },
];

function Cost({ of: { totals, importedAt } }: { of: Row }) {
  const f = useFormat();
  // What it cost elsewhere is nothing that was paid here.
  return <>{totals && importedAt === null && f.dollars(totals.totalCostMicroUsd)}</>;
}

function Tokens({ of: { totals, importedAt } }: { of: Row }) {
  const f = useFormat();
  return <>{totals && importedAt === null && f.tokens(totals.totalInputTokens + totals.totalOutputTokens)}</>;
}

function List({ sessions, totalsOf, more, live, loadMore = () => undefined }: ListProps) {
  if (sessions.length === 0)
    return (
      <Empty
        card
        title="No sessions yet"
        actions={
          <ButtonLink look="primary" href="/studio">
            <Icon as={Plus} />
            Start your first session
          </ButtonLink>
        }
      >
        A session is a conversation with the agent in its own sandbox. Its transcript stays here.
      </Empty>
    );
  const rows: Row[] = sessions.map((session) => ({ ...session, totals: totalsOf(session) }));
  return (
    <div className={cn(cardClass, "max-sm:rounded-none max-sm:border-x-0")}>
      <DataTable
        caption="Sessions, newest first"
        className="max-sm:hidden"
        columns={COLUMNS}
        rows={rows}
        rowKey={({ id }) => id}
      />
      <ul className="sm:hidden">
        {rows.map((session) => (
          <Item key={session.id} session={session} />
        ))}
      </ul>
      <MoreRows
        pages={{ rows: sessions, loading: false, live, more, loadMore }}
        names={{ one: "session", other: "sessions" }}
      />
    </div>
  );
}

function Item({ session }: { session: Row }) {
  return (
    <li className="flex items-center border-b border-line">
      <Link href={`/studio/${session.id}`} className="block min-w-0 flex-1 py-2.5 pl-4">
        <span className="flex items-center gap-2">
          <span className="truncate text-read font-medium">{session.title}</span>
          <span className="fact ml-auto">
            <Cost of={session} />
          </span>
        </span>
        <span className="mt-1 flex items-center gap-2 text-small text-ink-3">
          <SessionStatus session={session} />
          <span className="truncate">
            {namesOf(session.provider, session.model).model} · {session.userName} ·{" "}
            <Ago at={session.lastActivityAt} />
            {session.savedAt !== null && (
              <>
                {" "}
                · <SavedWork of={session} />
              </>
            )}
          </span>
        </span>
      </Link>
      <SessionMenu session={session} />
    </li>
  );
}
