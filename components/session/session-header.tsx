"use client";

import { ArrowLeft, PanelRightOpen, Square } from "lucide-react";
import Link from "next/link";
import type { ReactNode } from "react";
import { NARROW, useMedia } from "../../lib/client/use-browser.ts";
import type { SessionView } from "../../lib/domain/session-view.ts";
import { StatusChip } from "../ui/status-chip.tsx";

/** Title, status, stream and Stop. */
export function SessionHeader({
  title,
  view,
  indicator,
  onStop,
  stopDisabledReason,
  onWorkspace,
  countdown,
}: {
  title: string;
  view: Pick<SessionView, "status" | "waitingFor" | "waitDetail">;
  indicator: ReactNode;
  /** Undefined where there is nothing left to stop. */
  onStop: (() => void) | undefined;
  stopDisabledReason: string | undefined;
  /** Opens the workspace; undefined where it is open. */
  onWorkspace: (() => void) | undefined;
  countdown: ReactNode;
}) {
  const working = view.status === "active";
  const narrow = useMedia(NARROW);
  return (
    <header className="top">
      <Link className="btn btn-quiet btn-icon sm:hidden" href="/sessions" aria-label="Sessions">
        <ArrowLeft className="i" aria-hidden="true" />
      </Link>
      <div className="flex min-w-0 items-center gap-2.5 max-sm:flex-1 max-sm:flex-col max-sm:items-start max-sm:gap-0.5">
        <nav className="crumbs max-w-full" aria-label="Breadcrumb">
          <Link className="max-sm:hidden" href="/sessions">
            Sessions
          </Link>
          <span className="max-sm:hidden" aria-hidden="true">
            /
          </span>
          <h1 aria-current="page" title={title}>
            {title}
          </h1>
        </nav>
        <span className="flex items-center gap-2">
          <StatusChip
            status={view.status}
            waitingFor={view.waitingFor}
            waitDetail={view.waitDetail}
            testId="session-status"
          />
          {narrow && indicator}
        </span>
      </div>
      <div className="ml-auto flex items-center gap-3">
        {countdown}
        {!narrow && indicator}
        {onStop && (
          <button
            type="button"
            className={`btn ${working ? "btn-danger" : ""}`}
            aria-disabled={stopDisabledReason !== undefined}
            title={stopDisabledReason}
            onClick={() => stopDisabledReason === undefined && onStop()}
          >
            <Square className="i i-xs" aria-hidden="true" />
            Stop
            {working && (
              <kbd className="kbd max-sm:hidden!" aria-hidden="true">
                Esc
              </kbd>
            )}
          </button>
        )}
        {onWorkspace && (
          <button
            type="button"
            className="btn btn-quiet btn-icon max-[959px]:hidden"
            aria-label="Open the workspace"
            title="Open the workspace (Alt 1)"
            onClick={onWorkspace}
          >
            <PanelRightOpen className="i" aria-hidden="true" />
          </button>
        )}
      </div>
    </header>
  );
}
