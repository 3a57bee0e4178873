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
import { plural } from "../../lib/client/plural.ts";

const STATUS_WORDS: Record<SessionStatus, string> = {
  provisioning: "provisioning",
  ready: "ready",
  active: "active",
  idle: "idle",
  stopped: "stopped",
  error: "error",
};
const LINE = ["provisioning", "ready", "active", "idle", "stopped"] as const;

/** The words of the API's `nextStep`, and of the causes, in the reader's language. */
const STANDINGS: Record<StandingKind, Standing> = {
  sandbox: { cause: "The sandbox is being made", next: "Nothing to do; the steps are in the transcript" },
  "sandbox-lost": {
    cause: "The sandbox cannot be reached",
    next: "Nothing to do; the run goes on when it can be, or ends within half a minute",
  },
  "agent-start": { cause: "The agent is starting", next: "Nothing to do; it takes a few seconds" },
  "project-pull": { cause: "The project is being copied in", next: "Nothing to do; it takes a few seconds" },
  provider: { cause: "The provider did not take the last request", next: "The agent tries again by itself" },
  "key-refused": {
    cause: "The key was refused",
    next: "Replace the key in Providers, or let the next payer go on",
  },
  approval: {
    cause: "The agent asks before it goes on",
    next: "Answer the question, or it is denied in time",
  },
  budget: { cause: "The session is at its cap", next: "Raise the cap, or stop the run" },
  credits: { cause: "The credits are used up", next: "Buy credits in Billing, or add a key in Providers" },
  mcp: {
    cause: "An MCP server is starting",
    next: "Nothing to do; the agent goes on without one that fails",
  },
  provisioning: {
    cause: "The sandbox is being made",
    next: "Nothing to do; the steps are in the transcript",
  },
  ready: { cause: "Nothing was asked yet", next: "Send the first message" },
  active: { cause: "The agent is working", next: "Nothing to do; a message waits its turn" },
  idle: { cause: "The last turn has ended", next: "Send a message, or let the session stop by itself" },
  stopped: { cause: "The session has ended", next: "Start a new session" },
  error: { cause: "The session failed", next: "Start a new session" },
};

/** What the session waits for, and what ends that, with the time where there is one. */
function standing(view: SessionView, f: Format): { cause: string; next: string } {
  const said = standingOf(view, STANDINGS);
  const retryAt = view.waitingFor === "provider" && !keyRefused(view) ? view.waitDetail?.retryAt : null;
  return retryAt ? { ...said, next: `The agent retries at ${f.timeOfDay(retryAt)}` } : said;
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
      <ol className="flex flex-wrap items-center gap-y-1 text-small" aria-label="Session lifecycle">
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
                {failed && here
                  ? STATUS_WORDS.error
                  : blocked
                    ? "active, waiting for you"
                    : STATUS_WORDS[status]}
              </span>
            </li>
          );
        })}
      </ol>
      <dl className="facts">
        <Fact name="Why">{failed && view.error ? view.error : cause}</Fact>
        <Fact name="Next">
          {next}
          {waits && now !== null && waits.expiresAt > now && (
            <>
              {": "}
              <span className="fact">{clock(waits.expiresAt - now)}</span>
            </>
          )}
        </Fact>
        <Fact name="Last event">
          {lastEventAt !== null && now !== null ? (
            <>
              <span className="fact">{clock(Math.max(0, now - Date.parse(lastEventAt)))}</span> ago
            </>
          ) : (
            "None yet"
          )}
        </Fact>
        <Fact name="Updates">{STREAM[stream.kind]}</Fact>
        {queued > 0 && (
          <Fact name="Queue">
            {queued} {plural(queued, "message", "messages")} waiting
          </Fact>
        )}
      </dl>
    </div>
  );
}

const STREAM: Record<StreamState["kind"], string> = {
  connecting: "connecting",
  "catching-up": "catching up",
  live: "live",
  offline: "offline; reconnects automatically",
  gap: "reloading the log after a gap",
  ended: "complete",
  refused: "disconnected",
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
