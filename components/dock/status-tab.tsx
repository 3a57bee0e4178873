"use client";

import type { StreamState } from "#client/event-source.ts";
import { clock, type Format } from "#client/format.ts";
import { useFormat } from "#client/locale.tsx";
import { useNow } from "#client/use-now.ts";
import { keyRefused, type SessionView } from "#domain/session-view.ts";
import { statusLabelOf } from "#domain/waits.ts";
import { useSessionState } from "../session/session-context.tsx";
import { Chip } from "../ui/chip.tsx";
import { Fact, Facts } from "../ui/facts.tsx";
import { plural } from "#domain/plural.ts";

const LINE = ["provisioning", "ready", "active", "idle", "stopped"] as const;

/** What the session waits for, and what ends that, with the time where there is one. */
function statusLabel(view: SessionView, f: Format): { cause: string; next: string } {
  const said = statusLabelOf(view);
  const retryAt = view.waitingFor === "provider" && !keyRefused(view) ? view.waitDetail?.retryAt : null;
  return retryAt ? { ...said, next: `The agent retries at ${f.timeOfDay(retryAt)}` } : said;
}

/** Where the session stands in its life, why, and what comes next. */
export function StatusTab() {
  const { view, stream, lastEventAt } = useSessionState();
  const f = useFormat();
  const now = useNow(1000);
  const { cause, next } = statusLabel(view, f);
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
              <Chip
                {...(here && {
                  tone: failed ? "danger" : blocked ? "warning" : "accent",
                  className: "font-semibold",
                })}
                glyph={failed && here ? "error" : blocked ? "waiting" : status}
              >
                {failed && here ? "error" : blocked ? "active, waiting for you" : status}
              </Chip>
            </li>
          );
        })}
      </ol>
      <Facts>
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
      </Facts>
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
