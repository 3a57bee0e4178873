"use client";

import type { CSSProperties } from "react";
import { fileDraft, readDrafts } from "#client/draft.ts";
import type { LogSnapshot } from "#client/session-log.ts";
import { plural } from "#domain/plural.ts";
import type { Session } from "#domain/session.ts";
import { Dock } from "../dock/dock.tsx";
import { RenameDialog } from "../sessions/rename-dialog.tsx";
import { Confirm } from "../ui/dialog.tsx";
import { PageMain } from "../ui/page-frame.tsx";
import { TabList, Tabs } from "../ui/tabs.tsx";
import { PANE_TABS, Workspace } from "../workspace/workspace.tsx";
import { Announcer } from "./announcer.tsx";
import { BranchingProvider } from "./branching.tsx";
import { ConfigStrip } from "./config-strip.tsx";
import { Conversation } from "./conversation.tsx";
import { type DisabledReasons, SessionProvider, useOpened, useSessionState } from "./session-context.tsx";
import { RewindDialog } from "./rewind-dialog.tsx";
import { SessionHeader } from "./session-header.tsx";
import type { Front } from "./use-panels.ts";
import { useSessionCommands } from "./use-session-commands.ts";

/** A session as it happens: conversation, workspace, dock. */
export function SessionScreen(opened: {
  session: Session;
  initial: LogSnapshot;
  disabledReason: DisabledReasons;
  me: string;
}) {
  return (
    <SessionProvider {...opened}>
      <BranchingProvider>
        <PageMain>
          <SkipToCard />
          <SessionHeader />
          <ConfigStrip />
          <Work />
          <Announcer />
          <Layers />
        </PageMain>
      </BranchingProvider>
    </SessionProvider>
  );
}

/** For the keyboard: the way to what waits for an answer, before everything else on the page. */
export function SkipToCard() {
  const { waiting, showCard } = useSessionState();
  if (!waiting) return null;
  return (
    <button
      type="button"
      className="sr-only focus:not-sr-only focus:absolute focus:z-50 focus:border focus:border-line-strong focus:bg-raised focus:px-2.5 focus:py-1.5"
      onClick={showCard}
    >
      Go to the {waiting.kind}
    </button>
  );
}

/**
 * Conversation and workspace: beside each other, one over the other, or behind tabs, by the room there is.
 * The classes of both follow from this element's data.
 */
function Work() {
  const { front, over, layout, waiting, show } = useSessionState().panels;
  return (
    <div
      className="group/work relative grid min-h-0 flex-1 grid-cols-[minmax(0,1fr)] grid-rows-[auto_minmax(0,1fr)] wide:data-[beside=true]:grid-cols-[minmax(380px,var(--split,48%))_minmax(380px,1fr)] two:grid-rows-[minmax(0,1fr)]"
      data-work
      data-front={front}
      data-over={over}
      data-beside={layout.beside}
      style={{ "--split": `${layout.split}%` } as CSSProperties}
    >
      <Tabs<Front>
        value={front === "workspace" ? layout.pane : front}
        onChange={show}
        className="min-h-11 overflow-x-auto border-b border-line bg-paper two:hidden"
      >
        <TabList<Front>
          label="Session views"
          tabClassName="min-h-11 flex-1 justify-center"
          items={[
            { value: "session", name: "Session", count: waiting, urgent: true },
            ...PANE_TABS.map(({ value, name }) => ({ value, name })),
            { value: "info", name: "Info" },
          ]}
        />
      </Tabs>
      <Conversation />
      <Workspace>
        <Dock />
      </Workspace>
    </div>
  );
}

/** What lies over the page, and what the palette can do here. */
export function Layers() {
  const { session } = useOpened();
  const { view, live, title, layer, setLayer, end, rewinding, setRewinding } = useSessionState();
  useSessionCommands();
  const close = () => setLayer(null);
  const unsaved = layer === "end" ? readDrafts(fileDraft(session.id, "")).size : 0;
  const queued = view.runs.filter(({ status, parked }) => status === "pending" && !parked).length;
  return (
    <>
      {layer === "rename" && <RenameDialog session={{ id: session.id, title }} onClose={close} />}
      {rewinding && (
        <RewindDialog
          sessionId={session.id}
          live={live}
          isProduction={session.environment === "production"}
          ask={rewinding}
          onClose={() => setRewinding(undefined)}
        />
      )}
      <Confirm
        open={layer === "end"}
        onClose={close}
        title="End this session?"
        confirm="End session"
        cancel="Keep session"
        onConfirm={end.run}
      >
        {view.status === "active" && "The run ends now. "}
        {queued > 0 && `${queued} ${plural(queued, "message", "messages")} in the queue won't be sent. `}
        {unsaved > 0 &&
          `Your unsaved changes to ${unsaved} ${plural(unsaved, "file", "files")} can no longer be saved. `}
        Its work is saved first, so you can continue later. What runs in its sandbox ends.
      </Confirm>
    </>
  );
}
