"use client";

import Link from "next/link";
import { subjectName } from "#client/limit-labels.ts";
import { type LimitRow, useToldLimits } from "#client/live-limits.ts";
import { useFormat } from "#client/locale.tsx";
import { useNow } from "#client/use-now.ts";
import { ErrorBoundary } from "../ui/error-boundary.tsx";
import { Notice } from "../ui/notice.tsx";

/** So many are named; the page of limits has all. */
const NAMED = 3;

/** Monthly limits that are half used up or more, for admins and for those whose they are; nothing where there are none. */
export function LimitsBanner() {
  return (
    <ErrorBoundary fallback={null}>
      <LiveBanner />
    </ErrorBoundary>
  );
}

function LiveBanner() {
  return <ToldLimits limits={useToldLimits() ?? []} />;
}

/** @param limits the nearest to its end first */
export function ToldLimits({ limits }: { limits: readonly LimitRow[] }) {
  const f = useFormat();
  const now = useNow(60_000);
  // Nothing tells of the month's end but the clock.
  const current = limits.filter(({ resetsAt }) => now === null || resetsAt > now);
  const [first] = current;
  if (!first) return null;
  const isReached = first.toldStep >= 100;
  return (
    <div className="mb-5" data-testid="limits-banner">
      <Notice
        tone={isReached ? "error" : first.toldStep >= 80 ? "warning" : "info"}
        title={isReached ? "A monthly limit is reached" : `${first.toldStep} % of a monthly limit is spent`}
      >
        <ul>
          {current.slice(0, NAMED).map((limit) => (
            <li key={`${limit.subject}:${limit.subjectId}`}>
              {subjectName(limit)}: <span className="fact">{f.dollars(limit.spentMicroUsd)}</span> of{" "}
              <span className="fact">{f.dollars(limit.limitMicroUsd)}</span>
            </li>
          ))}
        </ul>
        <p>
          {isReached && "Runs that need it pause. "}
          {current.length > NAMED && `${current.length - NAMED} more are near their ends. `}
          <Link className="link" href="/settings/limits">
            Open Limits
          </Link>
        </p>
      </Notice>
    </div>
  );
}
