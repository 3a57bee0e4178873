"use client";

import { Snowflake } from "lucide-react";
import { type Frozen, useFrozen } from "#client/live-frozen.ts";
import { ErrorBoundary } from "../ui/error-boundary.tsx";
import { Icon } from "../ui/icon.tsx";

/** Says that the operator froze the organization, for as long as that lasts. */
export function FrozenBanner() {
  return (
    <ErrorBoundary fallback={null}>
      <LiveBanner />
    </ErrorBoundary>
  );
}

function LiveBanner() {
  return <ToldFrozen frozen={useFrozen() ?? null} />;
}

export function ToldFrozen({ frozen }: { frozen: Frozen }) {
  if (!frozen) return null;
  return (
    <output
      className="flex flex-none items-center justify-center gap-2 border-b border-warning-line bg-warning-soft px-3 py-1 text-small text-ink"
      data-testid="frozen-banner"
    >
      <Icon as={Snowflake} size="sm" className="text-warning" />
      <span className="wrap-anywhere">
        The operator of this Studio froze this organization: {frozen.reason} Nothing is lost, and everything
        can be read and exported. Ask the operator.
      </span>
    </output>
  );
}
