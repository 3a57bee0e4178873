"use client";

import { ArrowDown, Wrench } from "lucide-react";
import { type CSSProperties, useCallback, useEffect, useMemo, useRef, useState } from "react";
import { type ApiError, asApiError, cancelRun, stopSession } from "../../lib/client/api.ts";
import { type Command, useOfferedCommands } from "../../lib/client/commands.ts";
import type { LogSnapshot } from "../../lib/client/session-log.ts";
import { NARROW, useMedia } from "../../lib/client/use-browser.ts";
import { useSession } from "../../lib/client/use-session.ts";
import { isLive } from "../../lib/domain/lifecycle.ts";
import { keyRefused } from "../../lib/domain/session-view.ts";
import type { Session } from "../../lib/domain/session.ts";
import { ProblemNotice } from "../common/problem-notice.tsx";
import { Dock } from "../dock/dock.tsx";
import { ConfirmDialog } from "../ui/confirm-dialog.tsx";
import { ScrollRegion } from "../ui/scroll-region.tsx";
import { TabList } from "../ui/tab-list.tsx";
import { RenameDialog } from "../sessions/rename-dialog.tsx";
import { paneTabs, Workspace } from "../workspace/workspace.tsx";
import { Announcer } from "./announcer.tsx";
import { ApprovalCard } from "./approval-card.tsx";
import { ConfigStrip } from "./config-strip.tsx";
import { CreationChart } from "./creation-chart.tsx";
import { type Entry, entriesOf, openCards } from "./entries.ts";
import { IdleCountdown } from "./idle-countdown.tsx";
import { QuestionCard } from "./question-card.tsx";
import { SessionFoot } from "./session-foot.tsx";
import { SessionHeader } from "./session-header.tsx";
import { StreamIndicator } from "./stream-indicator.tsx";
import { PayerCard } from "./payer-card.tsx";
import { RailEntry, TranscriptEntry, type TranscriptFacts } from "./transcript.tsx";
import { FindBar } from "./find-bar.tsx";
import { useFollow } from "./use-follow.ts";
import { type Front, usePanels } from "./use-panels.ts";
import { SessionId } from "./whole-text.tsx";
import { useScrollToEntry } from "./use-scroll-to-entry.ts";
import { useWindow } from "./use-window.ts";
import { BudgetCard, CreditsNotice } from "./wait-card.tsx";
import { WorkingEntry, workingOn } from "./working-entry.tsx";

/** What the reader may not do here, and why; undefined where they may. */
export interface DisabledReasons {
  drive: string | undefined;
  approve: string | undefined;
}

/** A session as it happens: transcript, approvals, composer. */
export function SessionScreen({
  session,
  initial,
  disabledReason,
  me,
}: {
  session: Session;
  initial: LogSnapshot;
  disabledReason: DisabledReasons;
  me: string;
}) {
  const { view, recent, lastEventAt, stream, retry } = useSession(session.id, initial);
  const panels = usePanels(view);
  const { show, close, covers } = panels;
  const { box, content, away, toEnd, leave } = useFollow();
  const narrow = useMedia(NARROW);
  const card = useRef<HTMLElement>(null);
  const [asking, setAsking] = useState(false);
  const [stopping, setStopping] = useState(false);
  const [problem, setProblem] = useState<{ title: string; error: ApiError }>();
  const [keptAt, setKeptAt] = useState(0);
  const live = isLive(view.status) && !view.ended;
  const entries = useMemo(() => entriesOf(view), [view]);
  const { start, reveal } = useWindow(entries.length, box);
  const showEntry = useScrollToEntry(entries, box, reveal, leave);
  const [finding, setFinding] = useState(false);
  const [renaming, setRenaming] = useState(false);
  const lastRunId = view.runs.findLast((run) => run.status !== "pending")?.id;
  const cap = view.budgetCapMicroUsd === undefined ? session.budgetCapMicroUsd : view.budgetCapMicroUsd;
  const removeFromQueue = useCallback(
    async (runId: string) => {
      setProblem(undefined);
      try {
        await cancelRun(session.id, runId);
      } catch (error) {
        setProblem({ title: "Couldn't remove the message from the queue", error: asApiError(error) });
      }
    },
    [session.id],
  );
  const canDrive = disabledReason.drive === undefined;
  const facts: TranscriptFacts = useMemo(
    () => ({
      start: session.createdAt,
      plan: view.plan,
      lastRunId,
      live,
      me,
      removeFromQueue: canDrive ? removeFromQueue : undefined,
    }),
    [session.createdAt, view.plan, lastRunId, live, me, canDrive, removeFromQueue],
  );
  const [waiting] = openCards(entries);
  const canStop = live && canDrive;

  const showCard = useCallback(() => {
    show("session");
    // In one column it has just come in front.
    requestAnimationFrame(() => {
      card.current?.focus();
      card.current?.scrollIntoView({ block: "nearest" });
    });
  }, [show]);

  useEffect(() => {
    // Escape belongs to the layer on top, which is gone when the event has come up here: look before.
    let layered = false;
    const before = () => {
      layered =
        document.querySelector('[role="alertdialog"], [role="dialog"], [role="menu"], [role="listbox"]') !==
        null;
    };
    const onKeyDown = (event: KeyboardEvent) => {
      if (event.defaultPrevented || event.isComposing) return;
      if (event.key === "Escape" && !layered) {
        if (covers) close();
        else if (view.status === "active" && canStop) setAsking(true);
      }
      if (event.key === "." && (event.metaKey || event.ctrlKey) && card.current) {
        event.preventDefault();
        showCard();
      }
      if (event.shiftKey && (event.metaKey || event.ctrlKey) && event.key.toLowerCase() === "f") {
        event.preventDefault();
        show("session");
        setFinding(true);
      }
    };
    window.addEventListener("keydown", before, { capture: true });
    window.addEventListener("keydown", onKeyDown);
    return () => {
      window.removeEventListener("keydown", before, { capture: true });
      window.removeEventListener("keydown", onKeyDown);
    };
  }, [view.status, canStop, covers, close, show, showCard]);

  const find = useCallback(() => {
    show("session");
    setFinding(true);
  }, [show]);
  const commands: readonly Command[] = useMemo(
    () => [
      { id: "files", name: "Show the files", keys: "Alt 1", run: () => show("files") },
      { id: "find", name: "Find in the transcript", keywords: "search", run: find },
      { id: "diff", name: "Show changes", keywords: "diff changed", keys: "Alt 2", run: () => show("diff") },
      {
        id: "terminal",
        name: "Open a terminal",
        keywords: "shell",
        keys: "Alt 3",
        run: () => show("terminal"),
      },
      { id: "preview", name: "Preview a port", keywords: "web", keys: "Alt 4", run: () => show("preview") },
      ...(canDrive
        ? [{ id: "rename", name: "Rename session", keywords: "title", run: () => setRenaming(true) }]
        : []),
      ...(canStop ? [{ id: "stop", name: "Stop session", keywords: "end", run: () => setAsking(true) }] : []),
    ],
    [show, find, canDrive, canStop],
  );
  useOfferedCommands(commands);

  const stop = async () => {
    setAsking(false);
    setStopping(true);
    setProblem(undefined);
    try {
      await stopSession(session.id);
    } catch (error) {
      setProblem({ title: "Couldn't stop the session", error: asApiError(error) });
    } finally {
      setStopping(false);
    }
  };

  const cardOf = (entry: Entry) => {
    const own = { ref: entry === waiting ? card : null, disabledReason: disabledReason.approve };
    if (entry.kind === "approval") return <ApprovalCard {...own} key={entry.key} approval={entry.approval} />;
    if (entry.kind === "question") return <QuestionCard {...own} key={entry.key} question={entry.question} />;
    return null;
  };

  return (
    <SessionId value={session.id}>
      <main className="main" id="main">
        <SessionHeader
          title={view.title === "" ? session.title : view.title}
          view={view}
          indicator={<StreamIndicator stream={stream} seq={view.seq} retry={retry} />}
          onStop={live ? () => setAsking(true) : undefined}
          onWorkspace={panels.shown ? undefined : () => show(panels.layout.pane)}
          stopDisabledReason={disabledReason.drive ?? (stopping ? "Stopping" : undefined)}
          countdown={
            (view.status === "idle" || view.status === "ready") && live ? (
              <IdleCountdown
                from={Math.max(session.lastActivityAt, keptAt, lastEventAt ? Date.parse(lastEventAt) : 0)}
                idleTimeoutMs={session.idleTimeoutMs}
              />
            ) : null
          }
        />
        <ConfigStrip
          session={session}
          keySource={view.keySource}
          autoApprove={view.autoApprove ?? session.autoApprove}
          disabledReason={live ? disabledReason.drive : "The session has ended"}
          usage={view.usage}
          cap={cap}
        />
        <div
          className="work"
          data-front={panels.front}
          data-over={panels.over}
          data-beside={panels.layout.beside}
          style={{ "--split": `${panels.layout.split}%` } as CSSProperties}
        >
          <TabList<Front>
            label="Session views"
            className="work-tabs"
            items={[
              { value: "session", name: "Session", count: panels.waiting, urgent: true },
              ...paneTabs(0).map(({ value, name }) => ({ value, name })),
              { value: "info", name: "Info" },
            ]}
            value={panels.front === "workspace" ? panels.layout.pane : panels.front}
            onChange={show}
          />
          <section className="conversation" aria-label="Conversation">
            {finding && <FindBar entries={entries} onShow={showEntry} onClose={() => setFinding(false)} />}

            <ScrollRegion
              ref={box}
              className="min-h-0 flex-1 overflow-auto px-4 pt-4 max-sm:px-3"
              label="Conversation so far"
            >
              <div
                ref={content}
                className="mx-auto max-w-[860px] pb-4"
                role="log"
                aria-label="Transcript"
                aria-live="off"
                data-testid="transcript"
              >
                <h2 className="sr">Transcript</h2>
                <ol className="rail">
                  {start === 0 && (view.steps.length > 0 || view.status === "provisioning") && (
                    <RailEntry
                      at={new Date(session.createdAt).toISOString()}
                      start={session.createdAt}
                      tick={<Wrench className="i i-xs text-info" />}
                    >
                      <CreationChart view={view} createdAt={session.createdAt} />
                    </RailEntry>
                  )}
                  {entries
                    .slice(start)
                    .map((entry) =>
                      entry.kind === "approval" || entry.kind === "question" ? (
                        !narrow && (
                          <TranscriptEntry
                            key={entry.key}
                            entry={entry}
                            facts={facts}
                            approval={cardOf(entry)}
                          />
                        )
                      ) : (
                        <TranscriptEntry key={entry.key} entry={entry} facts={facts} />
                      ),
                    )}
                  {workingOn(view) && (
                    <WorkingEntry view={view} start={session.createdAt} since={lastEventAt} />
                  )}
                </ol>
              </div>
            </ScrollRegion>
            {away && (
              <div className="pointer-events-none relative mx-auto w-full max-w-[860px]">
                <button
                  type="button"
                  className="btn pointer-events-auto absolute right-4 bottom-2 z-10 shadow-(--lift)"
                  onClick={toEnd}
                >
                  <ArrowDown className="i i-sm" aria-hidden="true" />
                  Jump to latest
                </button>
              </div>
            )}
            <div className="flex-none px-4 pb-3 max-sm:max-h-[70dvh] max-sm:overflow-auto max-sm:px-3">
              <div className="mx-auto grid max-w-[860px] gap-2">
                {stream.kind === "refused" && (
                  <ProblemNotice title="Live updates are disconnected" error={stream.error} />
                )}
                {problem && <ProblemNotice title={problem.title} error={problem.error} />}
                {live && view.waitingFor === "budget" && cap !== null && (
                  <BudgetCard
                    key={cap}
                    sessionId={session.id}
                    cap={cap}
                    spent={view.usage.costMicroUsd}
                    disabledReason={disabledReason.drive}
                    onStop={() => setAsking(true)}
                  />
                )}
                {live && view.waitDetail && keyRefused(view) && (
                  <PayerCard
                    sessionId={session.id}
                    detail={view.waitDetail}
                    disabledReason={disabledReason.drive}
                  />
                )}
                {live && view.waitingFor === "credits" && <CreditsNotice keySource={session.keySource} />}
                {narrow && waiting && cardOf(waiting)}
                <SessionFoot
                  session={session}
                  view={view}
                  disabledReason={disabledReason.drive}
                  onKept={() => setKeptAt(Date.now())}
                />
              </div>
            </div>
          </section>
          <Workspace
            session={session}
            view={view}
            disabledReason={disabledReason.drive}
            shown={panels.shown}
            onClose={close}
          >
            <Dock
              open={panels.dockOpen}
              onOpen={panels.setDockOpen}
              session={session}
              view={view}
              stream={stream}
              recent={recent}
              lastEventAt={lastEventAt}
              cap={cap}
              me={me}
              onShowApproval={showCard}
              onShowSession={() => show("session")}
            />
          </Workspace>
        </div>
        <Announcer view={view} />
        {renaming && (
          <RenameDialog
            session={{ id: session.id, title: view.title === "" ? session.title : view.title }}
            onClose={() => setRenaming(false)}
          />
        )}
        <ConfirmDialog
          open={asking}
          onOpenChange={setAsking}
          title="Stop this session?"
          confirm="Stop session"
          cancel={view.status === "active" ? "Keep running" : "Keep session"}
          onConfirm={() => void stop()}
        >
          {view.status === "active" && "The run ends now, and unfinished work is lost. "}
          This deletes the session's sandbox and its files. The transcript stays.
        </ConfirmDialog>
      </main>
    </SessionId>
  );
}
