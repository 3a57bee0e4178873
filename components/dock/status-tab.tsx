"use client";

import type { ReactNode } from "react";
import type { StreamState } from "../../lib/client/event-source.ts";
import { clock } from "../../lib/client/format.ts";
import { useNow } from "../../lib/client/use-now.ts";
import { keyRefused, type SessionView } from "../../lib/domain/session-view.ts";
import { standingOf } from "../../lib/domain/waits.ts";
import { Glyph } from "../ui/glyph.tsx";

const LINE = ["provisioning", "ready", "active", "idle", "stopped"] as const;

/** What the session waits for, and what ends that, with the time where there is one. */
function standing(view: SessionView): { cause: string; next: string } {
  const { cause, next } = standingOf(view);
  const retryAt = view.waitingFor === "provider" && !keyRefused(view) ? view.waitDetail?.retryAt : null;
  return { cause, next: retryAt ? `${next}, at ${new Date(retryAt).toLocaleTimeString("en")}` : next };
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
