"use client";

import { ChevronDown, ChevronUp } from "lucide-react";
import { type ReactNode, useState } from "react";
import { DOCK_TABS, type DockTab, setLayout } from "#client/layout.ts";
import { useSessionState } from "../session/session-context.tsx";
import { Button } from "../ui/button.tsx";
import { cn } from "../ui/cn.ts";
import { Icon } from "../ui/icon.tsx";
import { Splitter } from "../ui/splitter.tsx";
import { tabBarClass, TabList, TabPanel, Tabs } from "../ui/tabs.tsx";
import { ApprovalsTab } from "./approvals-tab.tsx";
import { CheckpointsTab } from "./checkpoints-tab.tsx";
import { ConfigTab } from "./config-tab.tsx";
import { HistoryTab } from "./history-tab.tsx";
import { LogsTab } from "./logs-tab.tsx";
import { SandboxTab } from "./sandbox-tab.tsx";
import { StatusTab } from "./status-tab.tsx";

const TABS: Record<DockTab, { name: string; content: ReactNode }> = {
  status: { name: "Status", content: <StatusTab /> },
  history: { name: "History", content: <HistoryTab /> },
  checkpoints: { name: "Checkpoints", content: <CheckpointsTab /> },
  logs: { name: "Logs", content: <LogsTab /> },
  approvals: { name: "Approvals", content: <ApprovalsTab /> },
  sandbox: { name: "Sandbox", content: <SandboxTab /> },
  config: { name: "Config", content: <ConfigTab /> },
};

/** Below the workspace: how the session stands, in tabs. Closed it is one line of names and counts. */
export function Dock() {
  const { view, panels } = useSessionState();
  const { dockOpen: open, setDockOpen, layout, waiting } = panels;
  const { dockTab, dock } = layout;
  const faults = view.items.filter((item) => item.kind === "notice" && item.tone === "error").length;
  // What went wrong before the page was opened stands in the transcript; a look at the log is enough for the rest.
  const [seenFaults, setSeenFaults] = useState(faults);
  const isReading = open && dockTab === "logs";
  if (isReading && seenFaults !== faults) setSeenFaults(faults);
  const counts: Partial<Record<DockTab, number>> = { approvals: waiting, logs: faults - seenFaults };
  return (
    <aside
      className="relative flex min-h-0 flex-none flex-col border-t border-line-strong max-two:group-data-[front=info]/work:flex-1 max-two:group-data-[front=info]/work:border-t-0 max-two:group-not-data-[front=info]/work:hidden"
      aria-label="Info dock"
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
      <Tabs<DockTab>
        className="contents"
        value={open ? dockTab : null}
        onChange={(value) => {
          setLayout({ dockTab: value });
          setDockOpen(true);
        }}
      >
        <div className={cn(tabBarClass, "bg-desk px-2")}>
          <TabList<DockTab>
            activateOnFocus={open}
            label="Info dock"
            items={DOCK_TABS.map((value) => ({
              value,
              name: TABS[value].name,
              count: counts[value],
              urgent: true,
            }))}
          />
          <Button
            look="quiet"
            size="sm"
            icon
            className="my-auto ml-auto max-two:hidden"
            aria-expanded={open}
            aria-label={open ? "Close dock" : "Open dock"}
            title={open ? "Close (Alt J)" : "Open (Alt J)"}
            onClick={() => setDockOpen(!open)}
          >
            <Icon as={open ? ChevronDown : ChevronUp} size="sm" />
          </Button>
        </div>
        {open && (
          <TabPanel
            value={dockTab}
            label={TABS[dockTab].name}
            focusable
            className="min-h-0 overflow-auto bg-paper max-two:group-data-[front=info]/work:h-auto! max-two:group-data-[front=info]/work:flex-1"
            height={dock}
          >
            {TABS[dockTab].content}
          </TabPanel>
        )}
      </Tabs>
    </aside>
  );
}
