"use client";

import type { ReactNode } from "react";
import type { StreamState } from "../../lib/client/event-source.ts";
import { clock, type Format } from "../../lib/client/format.ts";
import { useFormat } from "../../lib/client/locale.tsx";
import { useNow } from "../../lib/client/use-now.ts";
import type { SessionStatus } from "../../lib/domain/lifecycle.ts";
import { keyRefused, type SessionView } from "../../lib/domain/session-view.ts";
import { type Standing, type StandingKind, standingOf } from "../../lib/domain/waits.ts";
import { Glyph } from "../ui/glyph.tsx";
import { dock as t } from "../../lib/client/messages/dock.ts";
import { fill, form } from "../../lib/client/messages/text.ts";
import { Rich } from "../ui/rich.tsx";

const STATUS_WORDS: Record<SessionStatus, string> = {
  provisioning: t.provisioning,
  ready: t.ready,
  active: t.active,
  idle: t.idle,
  stopped: t.stopped,
  error: t.error,
};
const LINE = ["provisioning", "ready", "active", "idle", "stopped"] as const;

/** The words of the API's `nextStep`, and of the causes, in the reader's language. */
const STANDINGS: Record<StandingKind, Standing> = {
  sandbox: { cause: t.theSandboxIsBeingMade, next: t.nothingToDoTheSteps },
  "sandbox-lost": { cause: t.theSandboxCannotBeReached, next: t.nothingToDoTheRunGoes },
  "agent-start": { cause: t.theAgentIsStarting, next: t.nothingToDoItTakes },
  "project-pull": { cause: t.theProjectIsBeingCopied, next: t.nothingToDoItTakes },
  provider: { cause: t.theProviderDidNotTake, next: t.theAgentTriesAgainBy },
  "key-refused": { cause: t.theKeyWasRefused, next: t.replaceTheKeyInProviders },
  approval: { cause: t.theAgentAsksBeforeIt, next: t.answerTheQuestionOrIt },
  budget: { cause: t.theSessionIsAtIts, next: t.raiseTheCapOrStop },
  credits: { cause: t.theCreditsAreUsedUp, next: t.buyCreditsInBillingOr },
  mcp: { cause: t.anMcpServerIsStarting, next: t.nothingToDoTheAgentGoes },
  provisioning: { cause: t.theSandboxIsBeingMade, next: t.nothingToDoTheSteps },
  ready: { cause: t.nothingWasAskedYet, next: t.sendTheFirstMessage },
  active: { cause: t.theAgentIsWorking, next: t.nothingToDoAMessage },
  idle: { cause: t.theLastTurnHasEnded, next: t.sendAMessageOrLet },
  stopped: { cause: t.theSessionHasEnded, next: t.startANewSession },
  error: { cause: t.theSessionFailed, next: t.startANewSession },
};

/** What the session waits for, and what ends that, with the time where there is one. */
function standing(view: SessionView, f: Format): { cause: string; next: string } {
  const said = standingOf(view, STANDINGS);
  const retryAt = view.waitingFor === "provider" && !keyRefused(view) ? view.waitDetail?.retryAt : null;
  return retryAt ? { ...said, next: fill(t.theAgentTriesAgainAt, { time: f.timeOfDay(retryAt) }) } : said;
}

/** Where the session stands in its life, why, and what comes next. */
export function StatusTab({
  view,
  stream,
  lastEventAt,
}: {
  view: SessionView;
  stream: StreamState;
  lastEventAt: string | null;
}) {
  const f = useFormat();
  const now = useNow(1000);
  const { cause, next } = standing(view, f);
  const waits =
    view.approvals.find((approval) => !approval.decision) ??
    view.questions.find((question) => !question.outcome);
  const queued = view.runs.filter((run) => run.status === "pending").length;
  const failed = view.status === "error";
  return (
    <div className="grid gap-3 p-3">
      <ol className="flex flex-wrap items-center gap-y-1 text-small" aria-label={t.lifeOfTheSession}>
        {LINE.map((status, index) => {
          const here = status === view.status || (failed && status === "stopped");
          const blocked = here && status === "active" && view.waitingFor === "approval";
          return (
            <li key={status} className="flex items-center" aria-current={here ? "step" : undefined}>
              {index > 0 && <span className="mx-1 h-px w-4 bg-line-strong" aria-hidden="true" />}
              <span
                className={`chip ${here ? (failed ? "is-madder" : blocked ? "is-ochre" : "is-accent") : ""} ${here ? "font-semibold" : ""}`}
              >
                <Glyph name={failed && here ? "error" : blocked ? "waiting" : status} />
                {failed && here ? STATUS_WORDS.error : blocked ? t.activeWaitsForYou : STATUS_WORDS[status]}
              </span>
            </li>
          );
        })}
      </ol>
      <dl className="facts">
        <Fact name={t.cause}>{failed && view.error ? view.error : cause}</Fact>
        <Fact name={t.next}>
          {next}
          {waits && now !== null && waits.expiresAt > now && (
            <>
              {": "}
              <span className="fact">{clock(waits.expiresAt - now)}</span>
            </>
          )}
        </Fact>
        <Fact name={t.lastEvent}>
          {lastEventAt !== null && now !== null ? (
            <Rich
              text={t.timeAgo}
              parts={{
                time: <span className="fact">{clock(Math.max(0, now - Date.parse(lastEventAt)))}</span>,
              }}
            />
          ) : (
            t.noneYet
          )}
        </Fact>
        <Fact name={t.stream}>{STREAM[stream.kind]}</Fact>
        {queued > 0 && (
          <Fact name={t.queue}>{fill(form(t.countMessagesWaitForThe, queued), { count: queued })}</Fact>
        )}
      </dl>
    </div>
  );
}

const STREAM: Record<StreamState["kind"], string> = {
  connecting: t.connecting,
  "catching-up": t.catchingUp,
  live: t.live,
  offline: t.offlineItReconnectsByItself,
  gap: t.readingTheLogAgainAfter,
  ended: t.complete,
  refused: t.notConnected,
};

/** One fact of a list: its name, and what it is. */
export function Fact({ name, children }: { name: string; children: ReactNode }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}
