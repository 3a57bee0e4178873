"use client";

import { LifeBuoy } from "lucide-react";
import Link from "next/link";
import { type SupportAccess, useSupportAccess } from "#client/live-support.ts";
import { useNow } from "#client/use-now.ts";
import { Moment } from "../common/moment.tsx";
import { ErrorBoundary } from "../ui/error-boundary.tsx";
import { Icon } from "../ui/icon.tsx";

/** Says that the operator can read the organization's sessions, for as long as that lasts. */
export function SupportBanner() {
  return (
    <ErrorBoundary fallback={null}>
      <LiveBanner />
    </ErrorBoundary>
  );
}

function LiveBanner() {
  return <ToldSupport access={useSupportAccess() ?? null} />;
}

export function ToldSupport({ access }: { access: SupportAccess }) {
  const now = useNow(30_000);
  if (!access || (now !== null && now >= access.until)) return null;
  return (
    <output
      className="flex flex-none items-center justify-center gap-2 border-b border-line bg-sunken px-3 py-1 text-small text-ink"
      data-testid="support-banner"
    >
      <Icon as={LifeBuoy} size="sm" className="text-ink-3" />
      <span className="wrap-anywhere">
        The operator can read this organization's sessions until <Moment at={access.until} />: {access.reason}{" "}
        <Link className="link" href="/settings/support">
          Support access
        </Link>
      </span>
    </output>
  );
}
