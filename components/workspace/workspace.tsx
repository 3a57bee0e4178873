"use client";

import { AppWindow, Folder, GitCompare, PanelRightClose, SquareTerminal } from "lucide-react";
import dynamic from "next/dynamic";
import { type ReactNode, useDeferredValue, useId, useMemo } from "react";
import { changesOf, revisionOf } from "../../lib/client/changes.ts";
import { type Pane, setLayout, useLayout } from "../../lib/client/layout.ts";
import { isLive } from "../../lib/domain/lifecycle.ts";
import type { Session } from "../../lib/domain/session.ts";
import type { SessionView } from "../../lib/domain/session-view.ts";
import { Splitter } from "../ui/splitter.tsx";
import { type TabItem, TabList } from "../ui/tab-list.tsx";

const loading = () => <p className="bones p-4 text-small text-ink-3">Opening</p>;
const FilesPane = dynamic(async () => (await import("./files-pane.tsx")).FilesPane, { ssr: false, loading });
const TerminalPane = dynamic(async () => (await import("../terminal/terminal-pane.tsx")).TerminalPane, {
  ssr: false,
  loading,
});
const PreviewPane = dynamic(async () => (await import("../preview/preview-pane.tsx")).PreviewPane, {
  ssr: false,
  loading,
});
const DiffPane = dynamic(async () => (await import("./diff-pane.tsx")).DiffPane, { ssr: false, loading });

/** The panes of the workspace as tabs. */
export function paneTabs(changed: number): TabItem<Pane>[] {
  const icon = "i i-sm";
  return [
    { value: "files", name: "Files", icon: <Folder className={icon} aria-hidden="true" />, keys: "Alt 1" },
    {
      value: "diff",
      name: "Diff",
      icon: <GitCompare className={icon} aria-hidden="true" />,
      count: changed,
      keys: "Alt 2",
    },
    {
      value: "terminal",
      name: "Terminal",
      icon: <SquareTerminal className={icon} aria-hidden="true" />,
      keys: "Alt 3",
    },
    {
      value: "preview",
      name: "Preview",
      icon: <AppWindow className={icon} aria-hidden="true" />,
      keys: "Alt 4",
    },
  ];
}

/** Beside the conversation: the files of the session, what has changed in them, and below it the dock. */
export function Workspace({
  session,
  view,
  disabledReason,
  shown,
  onClose,
  children,
}: {
  session: Session;
  view: SessionView;
  /** Why the reader may not change files; undefined where they may. */
  disabledReason: string | undefined;
  /** Whether the reader sees it: what they do not see is not loaded. */
  shown: boolean;
  onClose: () => void;
  /** The dock. */
  children: ReactNode;
}) {
  const id = useId();
  const { pane, split } = useLayout();
  // Changes are found in all of the log: that may come a moment behind what streams.
  const { items, runs } = useDeferredValue(view);
  const changes = useMemo(() => changesOf({ items, runs }), [items, runs]);
  const tabs = useMemo(() => paneTabs(changes.files.length), [changes]);
  const ready = view.steps.find((step) => step.step === "ready");
  const live = isLive(view.status) && !view.ended;
  const gone = live
    ? view.status === "provisioning"
      ? "The sandbox is still being created."
      : undefined
    : "The session has ended and its sandbox was deleted. The changes stay under Diff.";

  return (
    <section className="workspace" aria-label="Workspace" data-testid="workspace">
      <Splitter
        label="Conversation width"
        direction="columns"
        value={split}
        min={25}
        max={70}
        measure={({ x }) => {
          const all = document.querySelector(".work")?.getBoundingClientRect();
          return all ? ((x - all.left) / all.width) * 100 : split;
        }}
        onChange={(value) => setLayout({ split: value })}
      />
      <div className="panes">
        <div className="tabs bg-desk px-2!">
          <TabList
            id={id}
            label="Workspace"
            items={tabs}
            value={pane}
            onChange={(value) => setLayout({ pane: value })}
          />
          <button
            type="button"
            className="btn btn-quiet btn-sm btn-icon my-auto ml-auto"
            aria-label="Close workspace"
            title="Close"
            onClick={onClose}
          >
            <PanelRightClose className="i i-sm" aria-hidden="true" />
          </button>
        </div>
        <div
          id={`${id}-${pane}`}
          role="tabpanel"
          aria-label={tabs.find((tab) => tab.value === pane)?.name}
          className="flex min-h-0 flex-1 flex-col"
        >
          {shown && pane !== "diff" && gone !== undefined && <p className="p-4 text-ink-2">{gone}</p>}
          {shown && gone === undefined && (
            <>
              {pane === "files" && (
                <FilesPane
                  sessionId={session.id}
                  revision={revisionOf(view)}
                  changes={changes}
                  openedAt={ready ? Date.parse(ready.startedAt) : null}
                  disabledReason={disabledReason}
                />
              )}
              {pane === "terminal" && <TerminalPane sessionId={session.id} disabledReason={disabledReason} />}
              {pane === "preview" && <PreviewPane sessionId={session.id} disabledReason={disabledReason} />}
            </>
          )}
          {shown && pane === "diff" && <DiffPane changes={changes} />}
        </div>
      </div>
      {children}
    </section>
  );
}
