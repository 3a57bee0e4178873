"use client";

import { ArrowDown, User, Wrench } from "lucide-react";
import { useEffect, useMemo } from "react";
import type { Entry } from "#client/entries.ts";
import { NARROW, useMedia } from "#client/use-browser.ts";
import { isMasked } from "#domain/masked.ts";
import { keyRefused } from "#domain/session-view.ts";
import { Button } from "../ui/button.tsx";
import { cn } from "../ui/cn.ts";
import { Icon } from "../ui/icon.tsx";
import { ActionProblem, ProblemNotice } from "../ui/problem-notice.tsx";
import { railClass, saidClass, saidHumanClass } from "../ui/rail.ts";
import { ScrollRegion } from "../ui/scroll-region.tsx";
import { ApprovalCard } from "./approval-card.tsx";
import { BranchHead } from "./branch-head.tsx";
import { useBranching } from "./branching.tsx";
import { CreationChart } from "./creation-chart.tsx";
import { FindBar } from "./find-bar.tsx";
import { PayerCard } from "./payer-card.tsx";
import { QuestionCard } from "./question-card.tsx";
import { useOpened, useSessionState } from "./session-context.tsx";
import { SessionFoot } from "./session-foot.tsx";
import { RailEntry, TranscriptEntry, type TranscriptFacts } from "./transcript.tsx";
import { useFollow } from "./use-follow.ts";
import { useScrollToEntry } from "./use-scroll-to-entry.ts";
import { useWindow } from "./use-window.ts";
import { LimitCard } from "./limit-card.tsx";
import { BudgetCard, CreditsNotice } from "./wait-card.tsx";
import { WorkingEntry, workingOn } from "./working-entry.tsx";

/** The transcript, the cards that wait, and the composer. */
export function Conversation() {
  const { view, entries, layer, setLayer, outbox } = useSessionState();
  const { box, content, away, toEnd, leave } = useFollow();
  const { start, reveal } = useWindow(entries.length, box);
  const { sent } = outbox;
  useEffect(() => {
    // People see the message that they send, wherever they were reading.
    if (sent > 0) toEnd();
  }, [sent, toEnd]);
  const showEntry = useScrollToEntry(entries, box, reveal, leave);
  return (
    <section
      className="relative flex min-h-0 min-w-0 flex-col max-two:row-start-2 max-two:group-not-data-[front=session]/work:hidden two:row-start-1"
      aria-label="Conversation"
    >
      {layer === "find" && <FindBar entries={entries} onShow={showEntry} onClose={() => setLayer(null)} />}
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
          <h2 className="sr-only">Transcript</h2>
          {view.branch && start === 0 && <BranchHead branch={view.branch} />}
          <Transcript from={start} />
        </div>
      </ScrollRegion>
      {away && (
        <div className="pointer-events-none relative mx-auto w-full max-w-[860px]">
          <Button
            className="pointer-events-auto absolute right-4 bottom-2 z-10 shadow-(--lift)"
            onClick={toEnd}
          >
            <Icon as={ArrowDown} size="sm" />
            Jump to latest
          </Button>
        </div>
      )}
      <Foot />
    </section>
  );
}

/** The card of an approval or a question that waits. */
function CardOf({ entry }: { entry: Entry }) {
  const { waiting, card } = useSessionState();
  const ref = entry === waiting ? card : undefined;
  if (entry.kind === "approval") return <ApprovalCard ref={ref} approval={entry.approval} />;
  if (entry.kind === "question") return <QuestionCard ref={ref} question={entry.question} />;
  return null;
}

/** The entries on their rail. @param from the first that is drawn */
function Transcript({ from }: { from: number }) {
  const { session, me, disabledReason } = useOpened();
  const { view, entries, live, lastEventAt, outbox, takeBack, removeFromQueue, setRewinding } =
    useSessionState();
  const narrow = useMedia(NARROW);
  const lastRunId = view.runs.findLast((run) => run.status !== "pending")?.id;
  const canDrive = disabledReason.drive === undefined;
  const taking = removeFromQueue.pending ? removeFromQueue.args?.[0] : undefined;
  const { run: take } = removeFromQueue;
  const resting = view.status === "idle";
  // One that has ended goes on for it.
  const rests = live ? resting && view.waitingFor === null : view.saved?.at !== undefined;
  const canRewind = canDrive && rests;
  const { send, textOf } = outbox;
  const branching = useBranching();
  const facts: TranscriptFacts = useMemo(
    () => ({
      start: session.createdAt,
      plan: view.plan,
      lastRunId,
      live,
      me,
      again:
        canDrive && resting
          ? (runId: string) => {
              const said = view.items.find((item) => item.kind === "user" && item.runId === runId);
              if (said?.kind !== "user") return false;
              const text = textOf(runId) ?? said.text;
              const masked = textOf(runId) === undefined && isMasked(text);
              if (masked) takeBack({ text, masked });
              else send.run(text);
              return !masked;
            }
          : undefined,
      queue: canDrive ? { take, taking } : undefined,
      rewind: canRewind
        ? {
            toEnd: (runId: string, turn: string) =>
              setRewinding({ to: { runId }, title: `Rewind to the end of ${turn}?`, what: "both" }),
            edit: (runId: string) => {
              const said = view.items.find((item) => item.kind === "user" && item.runId === runId);
              if (said?.kind !== "user") return;
              const text = textOf(runId) ?? said.text;
              const masked = textOf(runId) === undefined && isMasked(text);
              setRewinding({
                to: { beforeRunId: runId },
                title: "Rewind to before this message?",
                what: "both",
                done: () => takeBack({ text, masked }),
              });
            },
          }
        : undefined,
      branching,
    }),
    // oxlint-disable-next-line react/exhaustive-deps -- another `take` or `send` does the same, and messages stay
    [session.createdAt, view.plan, lastRunId, live, me, canDrive, taking, resting, canRewind, branching],
  );
  return (
    <ol className={railClass}>
      {from === 0 && (view.steps.length > 0 || view.status === "provisioning") && (
        <RailEntry
          at={new Date(session.createdAt).toISOString()}
          start={session.createdAt}
          tick={<Icon as={Wrench} size="xs" className="text-info" />}
        >
          <CreationChart
            view={view}
            createdAt={view.resumedAt === undefined ? session.createdAt : Date.parse(view.resumedAt)}
          />
        </RailEntry>
      )}
      {entries.slice(from).map((entry) => {
        const isCard = entry.kind === "approval" || entry.kind === "question";
        // On a phone a card stands above the composer.
        if (isCard && narrow) return null;
        return (
          <TranscriptEntry
            key={entry.key}
            entry={entry}
            facts={facts}
            {...(isCard && { card: <CardOf entry={entry} /> })}
          />
        );
      })}
      {outbox.outgoing.map(({ key, text, at }) => (
        <RailEntry key={key} at={at} start={session.createdAt} tick={<Icon as={User} size="sm" />}>
          <div className={cn(saidClass, saidHumanClass)} data-testid="outgoing">
            <p className="text-small whitespace-normal text-ink-3">Sending</p>
            <p className="[unicode-bidi:plaintext]">{text}</p>
          </div>
        </RailEntry>
      ))}
      {workingOn(view) && <WorkingEntry view={view} start={session.createdAt} since={lastEventAt} />}
    </ol>
  );
}

/** Below the transcript: what went wrong, what waits, and the composer. */
function Foot() {
  const { session } = useOpened();
  const { view, stream, live, cap, waiting, end, interrupt, removeFromQueue } = useSessionState();
  const narrow = useMedia(NARROW);
  return (
    <div className="flex-none px-4 pb-3 max-sm:max-h-[70dvh] max-sm:overflow-auto max-sm:px-3">
      <div className="mx-auto grid max-w-[860px] gap-2">
        {stream.kind === "refused" && (
          <ProblemNotice title="Live updates are disconnected" error={stream.error} />
        )}
        <ActionProblem failure={end.failure} retryable />
        <ActionProblem failure={interrupt.failure} retryable />
        <ActionProblem failure={removeFromQueue.failure} />
        {live && view.waitingFor === "budget" && cap !== null && <BudgetCard key={cap} cap={cap} />}
        {live && view.waitingFor === "limit" && view.waitDetail?.limit && (
          <LimitCard detail={view.waitDetail} limit={view.waitDetail.limit} />
        )}
        {live && view.waitDetail && keyRefused(view) && <PayerCard detail={view.waitDetail} />}
        {live && view.waitingFor === "credits" && <CreditsNotice keySource={session.keySource} />}
        {narrow && waiting && <CardOf key={waiting.key} entry={waiting} />}
        <SessionFoot />
      </div>
    </div>
  );
}
