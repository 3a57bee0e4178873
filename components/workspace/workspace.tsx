"use client";

import {
  AppWindow,
  Folder,
  GitBranch,
  GitCompare,
  PanelRightClose,
  SquareTerminal,
  Upload,
} from "lucide-react";
import dynamic from "next/dynamic";
import { type ReactNode, useDeferredValue, useMemo } from "react";
import { type Changes, changesOf } from "#client/changes.ts";
import { type Pane, setLayout } from "#client/layout.ts";
import { useProjectCounts } from "#client/live.tsx";
import { useOpened, useSessionState } from "../session/session-context.tsx";
import { Button } from "../ui/button.tsx";
import { cn } from "../ui/cn.ts";
import { Icon } from "../ui/icon.tsx";
import { Loading } from "../ui/loaded.tsx";
import { Splitter } from "../ui/splitter.tsx";
import { tabBarClass, type TabItem, TabList, TabPanel, Tabs } from "../ui/tabs.tsx";

const loading = () => <Loading className="p-4">Opening</Loading>;
const FilesPane = dynamic(async () => (await import("./files-pane.tsx")).FilesPane, { ssr: false, loading });
const EndedFiles = dynamic(async () => (await import("./ended-files.tsx")).EndedFiles, {
  ssr: false,
  loading,
});
const TerminalPane = dynamic(async () => (await import("../terminal/terminal-pane.tsx")).TerminalPane, {
  ssr: false,
  loading,
});
const PreviewPane = dynamic(async () => (await import("../preview/preview-pane.tsx")).PreviewPane, {
  ssr: false,
  loading,
});
const GitPane = dynamic(async () => (await import("../git/git-pane.tsx")).GitPane, { ssr: false, loading });
const ProjectPane = dynamic(async () => (await import("../changes/project-pane.tsx")).ProjectPane, {
  ssr: false,
  loading,
});
const DiffPane = dynamic(async () => (await import("./diff-pane.tsx")).DiffPane, { ssr: false, loading });

/** The panes of the workspace as tabs. */
export const PANE_TABS: readonly TabItem<Pane>[] = [
  { value: "files", name: "Files", icon: Folder, keys: "Alt 1" },
  { value: "diff", name: "Diff", icon: GitCompare, keys: "Alt 2" },
  { value: "terminal", name: "Terminal", icon: SquareTerminal, keys: "Alt 3" },
  { value: "preview", name: "Preview", icon: AppWindow, keys: "Alt 4" },
  { value: "git", name: "Git", icon: GitBranch, keys: "Alt 5" },
  { value: "project", name: "Project", icon: Upload, keys: "Alt 6" },
];

/** Beside the conversation, over it, or behind a tab: by the room there is. */
const placeClass = [
  "relative flex min-h-0 min-w-0 flex-col bg-paper max-two:row-start-2 max-two:group-data-[front=session]/work:hidden two:row-start-1",
  "middle:absolute middle:inset-y-0 middle:right-0 middle:z-20 middle:w-[calc(100%-var(--split,48%))] middle:min-w-[420px] middle:border-l middle:border-line-strong middle:shadow-(--lift) middle:group-data-[over=false]/work:hidden",
  "wide:border-l wide:border-line wide:group-data-[beside=false]/work:hidden",
].join(" ");

/** The files of the session, what has changed in them, terminals and preview; below them the dock. */
export function Workspace({ children }: { children: ReactNode }) {
  const { session } = useOpened();
  const { view, panels } = useSessionState();
  const { pane, split } = panels.layout;
  // Changes are found in all of the log: that may come a moment behind what streams.
  const { items, runs } = useDeferredValue(view);
  const changes = useMemo(() => changesOf({ items, runs }), [items, runs]);
  const toPush = useProjectCounts(session.id)?.changes;
  const counted: Partial<Record<Pane, number | undefined>> = { diff: changes.files.length, project: toPush };
  const tabs = PANE_TABS.map((tab) => ({ ...tab, count: counted[tab.value] }));
  return (
    <section className={placeClass} aria-label="Workspace" data-testid="workspace">
      <Splitter
        label="Conversation width"
        direction="columns"
        value={split}
        min={25}
        max={70}
        measure={({ x }) => {
          const all = document.querySelector("[data-work]")?.getBoundingClientRect();
          return all ? ((x - all.left) / all.width) * 100 : split;
        }}
        onChange={(value) => setLayout({ split: value })}
      />
      <Tabs<Pane>
        value={pane}
        onChange={(value) => setLayout({ pane: value })}
        className="flex min-h-0 flex-1 flex-col max-two:group-data-[front=info]/work:hidden"
      >
        <div className={cn(tabBarClass, "bg-desk px-2 max-two:hidden")}>
          <TabList<Pane> label="Workspace" items={tabs} />
          <Button
            look="quiet"
            size="sm"
            icon
            className="my-auto ml-auto"
            aria-label="Close workspace"
            title="Close"
            onClick={panels.close}
          >
            <Icon as={PanelRightClose} size="sm" />
          </Button>
        </div>
        <TabPanel
          value={pane}
          label={PANE_TABS.find((tab) => tab.value === pane)?.name ?? ""}
          className="flex min-h-0 flex-1 flex-col"
        >
          {/* What the reader does not see is not loaded. */}
          {panels.shown &&
            (pane === "diff" ? (
              <DiffPane changes={changes} />
            ) : pane === "project" ? (
              // What was last compared stays, and can be pushed, once the session has ended.
              <ProjectPane />
            ) : (
              <SandboxPane pane={pane} changes={changes} />
            ))}
        </TabPanel>
      </Tabs>
      {children}
    </section>
  );
}

/** A pane that needs the sandbox. */
function SandboxPane({ pane, changes }: { pane: Exclude<Pane, "diff" | "project">; changes: Changes }) {
  const { view, live } = useSessionState();
  if (!live && pane === "files") return <EndedFiles />;
  if (!live) return <p className="p-4 text-ink-2">The session has ended. The changes stay under Diff.</p>;
  if (view.status === "provisioning")
    return <p className="p-4 text-ink-2">The sandbox is still being created.</p>;
  if (pane === "files") return <FilesPane changes={changes} />;
  if (pane === "git") return <GitPane />;
  return pane === "terminal" ? <TerminalPane /> : <PreviewPane />;
}
