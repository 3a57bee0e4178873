"use client";

import { ChevronDown, ChevronUp } from "lucide-react";
import { type CSSProperties, useId } from "react";
import type { StreamState } from "../../lib/client/event-source.ts";
import { DOCK_TABS, type DockTab, setLayout, useLayout } from "../../lib/client/layout.ts";
import type { EventEnvelope } from "../../lib/domain/events.ts";
import type { Session } from "../../lib/domain/session.ts";
import type { SessionView } from "../../lib/domain/session-view.ts";
import { Splitter } from "../ui/splitter.tsx";
import { TabList } from "../ui/tab-list.tsx";
import { ApprovalsTab } from "./approvals-tab.tsx";
import { ConfigTab } from "./config-tab.tsx";
import { HistoryTab } from "./history-tab.tsx";
import { LogsTab } from "./logs-tab.tsx";
import { SandboxTab } from "./sandbox-tab.tsx";
import { StatusTab } from "./status-tab.tsx";

const NAMES: Record<DockTab, string> = {
  status: "Status",
  history: "History",
  logs: "Logs",
  approvals: "Approvals",
  sandbox: "Sandbox",
  config: "Config",
};

/** What the dock shows. */
export interface DockFacts {
  session: Session;
  view: SessionView;
  stream: StreamState;
  recent: readonly EventEnvelope[];
  lastEventAt: string | null;
  cap: number | null;
  me: string;
  onShowApproval: () => void;
  /** Brings the transcript in front. */
  onShowSession: () => void;
}

/** Below the workspace: how the session stands, in tabs. Closed it is one line of names and counts. */
export function Dock({
  open,
  onOpen,
  ...facts
}: DockFacts & {
  open: boolean;
  onOpen: (open: boolean) => void;
}) {
  const id = useId();
  const { dockTab, dock } = useLayout();
  const waiting =
    facts.view.approvals.filter((approval) => !approval.decision).length +
    facts.view.questions.filter((question) => !question.outcome).length;
  const faults = facts.view.items.filter((item) => item.kind === "notice" && item.tone === "error").length;
  const items = DOCK_TABS.map((value) => ({
    value,
    name: NAMES[value],
    ...(value === "approvals" && { count: waiting, urgent: true }),
    ...(value === "logs" && { count: faults, urgent: true }),
  }));
  const Chevron = open ? ChevronDown : ChevronUp;
  return (
    <aside
      className="dock"
      aria-label="Info dock"
      style={{ "--dock": `${dock}px` } as CSSProperties}
      data-testid="dock"
    >
      {open && (
        <Splitter
          label="Dock height"
          direction="rows"
          value={dock}
          min={120}
          max={600}
          measure={({ y }, area) => area.bottom - y - 36}
          onChange={(value) => setLayout({ dock: value })}
        />
      )}
      <div className="tabs bg-desk px-2!">
        <TabList
          id={id}
          label="Info dock"
          items={items}
          value={open ? dockTab : null}
          onChange={(value) => {
            setLayout({ dockTab: value });
            onOpen(true);
          }}
        />
        <button
          type="button"
          className="btn btn-quiet btn-sm btn-icon dock-toggle my-auto ml-auto"
          aria-expanded={open}
          aria-label={open ? "Close dock" : "Open dock"}
          title={open ? "Close (Alt J)" : "Open (Alt J)"}
          onClick={() => onOpen(!open)}
        >
          <Chevron className="i i-sm" aria-hidden="true" />
        </button>
      </div>
      {open && (
        <div
          id={`${id}-${dockTab}`}
          role="tabpanel"
          aria-label={NAMES[dockTab]}
          className="dock-body"
          // oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- a panel without controls takes the focus itself
          tabIndex={0}
        >
          <DockPanel tab={dockTab} {...facts} />
        </div>
      )}
    </aside>
  );
}

function DockPanel({
  tab,
  session,
  view,
  stream,
  recent,
  lastEventAt,
  cap,
  me,
  onShowApproval,
  onShowSession,
}: DockFacts & { tab: DockTab }) {
  switch (tab) {
    case "status":
      return <StatusTab view={view} stream={stream} lastEventAt={lastEventAt} />;
    case "history":
      return <HistoryTab view={view} start={session.createdAt} onShowSession={onShowSession} />;
    case "logs":
      return <LogsTab sessionId={session.id} seq={view.seq} recent={recent} start={session.createdAt} />;
    case "approvals":
      return (
        <ApprovalsTab
          approvals={view.approvals}
          questions={view.questions}
          start={session.createdAt}
          me={me}
          onShow={onShowApproval}
        />
      );
    case "sandbox":
      return <SandboxTab session={session} view={view} />;
    case "config":
      return (
        <ConfigTab
          session={session}
          cap={cap}
          keySource={view.keySource ?? session.keySource}
          autoApprove={view.autoApprove ?? session.autoApprove}
        />
      );
  }
}
