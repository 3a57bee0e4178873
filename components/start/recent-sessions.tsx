"use client";

import Link from "next/link";
import { useFormat } from "#client/locale.tsx";
import { type TotalsOf, useLiveSessions, useLiveTotals } from "#client/live.tsx";
import type { ListedSession, Session, SessionTotals } from "#domain/session.ts";
import { Ago } from "../common/ago.tsx";
import { ErrorBoundary } from "../ui/error-boundary.tsx";
import { StatusChip } from "../ui/status-chip.tsx";

const MAX_SHOWN = 5;

/** The last sessions of the organization, as they change. */
export function RecentSessions({ initial }: { initial: readonly Session[] }) {
  return (
    <ErrorBoundary
      fallback={
        <Rows sessions={initial} totalsOf={(session) => initial.find(({ id }) => id === session.id)} />
      }
    >
      <LiveRows initial={initial} />
    </ErrorBoundary>
  );
}

function LiveRows({ initial }: { initial: readonly Session[] }) {
  const { sessions } = useLiveSessions({ sessions: initial, hasMore: false }, MAX_SHOWN);
  const totalsOf = useLiveTotals(sessions, initial);
  return <Rows sessions={sessions} totalsOf={totalsOf} />;
}

function Rows({ sessions, totalsOf }: { sessions: readonly ListedSession[]; totalsOf: TotalsOf }) {
  if (sessions.length === 0) return null;
  return (
    <section className="mt-8" aria-labelledby="recent">
      <h2 id="recent" className="label mb-1 px-3">
        Continue
      </h2>
      <ul className="border-t border-line">
        {sessions.slice(0, MAX_SHOWN).map((session) => (
          <li key={session.id}>
            <Link
              className="flex min-h-9 items-center gap-3 border-b border-line px-3 hover:bg-hover focus-visible:-outline-offset-2 max-sm:flex-wrap max-sm:gap-y-0 max-sm:py-2"
              href={`/studio/${session.id}`}
            >
              <span className="w-[128px] max-sm:w-auto">
                <StatusChip
                  status={session.status}
                  waitingFor={session.waitingFor}
                  waitDetail={session.waitDetail}
                  queuePlace={session.queuePlace}
                />
              </span>
              <span className="min-w-0 flex-1 truncate font-medium max-sm:order-first max-sm:basis-full">
                {session.title}
              </span>
              <span className="text-small text-ink-3 max-sm:ml-auto">
                {session.userName}, <Ago at={session.lastActivityAt} />
              </span>
              <span className="fact w-14 text-end max-sm:w-auto">
                <Cost totals={totalsOf(session)} />
              </span>
            </Link>
          </li>
        ))}
      </ul>
    </section>
  );
}

function Cost({ totals }: { totals: SessionTotals | undefined }) {
  const f = useFormat();
  return totals && f.dollars(totals.totalCostMicroUsd);
}
