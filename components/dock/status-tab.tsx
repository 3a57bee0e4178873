"use client";

import type { ReactNode } from "react";
import type { StreamState } from "../../lib/client/event-source.ts";
import { clock } from "../../lib/client/format.ts";
import { useNow } from "../../lib/client/use-now.ts";
import type { SessionStatus, WaitCause } from "../../lib/domain/lifecycle.ts";
import { keyRefused, type SessionView } from "../../lib/domain/session-view.ts";
import { Glyph } from "../ui/glyph.tsx";

const LINE = ["provisioning", "ready", "active", "idle", "stopped"] as const;

const CAUSES: Record<WaitCause, { cause: string; next: string }> = {
  sandbox: { cause: "The sandbox is being made", next: "Nothing to do; the steps are in the transcript" },
  "agent-start": { cause: "The agent is starting", next: "Nothing to do; it takes a few seconds" },
  "project-pull": { cause: "The project is being copied in", next: "Nothing to do; it takes a few seconds" },
  provider: { cause: "The provider did not take the last request", next: "The agent tries again by itself" },
  approval: {
    cause: "The agent asks before it goes on",
    next: "Answer the question, or it is denied in time",
  },
  budget: { cause: "The session is at its cap", next: "Raise the cap, or stop the run" },
  credits: { cause: "The credits are used up", next: "Buy credits in Billing, or add a key in Providers" },
};

const STATES: Record<SessionStatus, { cause: string; next: string }> = {
  provisioning: CAUSES.sandbox,
  ready: { cause: "Nothing was asked yet", next: "Send the first message" },
  active: { cause: "The agent is working", next: "Nothing to do; a message waits its turn" },
  idle: { cause: "The last turn has ended", next: "Send a message, or let the session stop by itself" },
  stopped: { cause: "The session has ended", next: "Start a new session" },
  error: { cause: "The session failed", next: "Start a new session" },
};

/** What the session waits for, and what ends that. */
function standing(view: SessionView): { cause: string; next: string } {
  if (!view.waitingFor) return STATES[view.status];
  if (keyRefused(view))
    return {
      cause: view.waitDetail?.message ?? "The key was refused",
      next: "Replace the key in Providers, or let the next payer go on",
    };
  const retryAt = view.waitDetail?.retryAt;
  if (view.waitingFor !== "provider" || !view.waitDetail) return CAUSES[view.waitingFor];
  return {
    cause: view.waitDetail.message,
    next: retryAt
      ? `The agent tries again by itself, at ${new Date(retryAt).toLocaleTimeString("en")}`
      : CAUSES.provider.next,
  };
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
  const now = useNow(1000);
  const { cause, next } = standing(view);
  const waits = view.approvals.find((approval) => !approval.decision);
  const queued = view.runs.filter((run) => run.status === "pending").length;
  const failed = view.status === "error";
  return (
    <div className="grid gap-3 p-3">
      <ol className="flex flex-wrap items-center gap-y-1 text-small" aria-label="Life of the session">
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
                {failed && here ? "error" : blocked ? "active, waits for you" : status}
              </span>
            </li>
          );
        })}
      </ol>
      <dl className="facts">
        <Fact name="Cause">{failed && view.error ? view.error : cause}</Fact>
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
        <Fact name="Stream">
          <span className="fact">{view.seq}</span> shown, {STREAM[stream.kind]}
        </Fact>
        {queued > 0 && (
          <Fact name="Queue">
            {queued} {queued === 1 ? "message waits" : "messages wait"} for the agent
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
  offline: "offline; it reconnects by itself",
  gap: "reading the log again after a gap",
  ended: "complete",
  refused: "not connected",
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
