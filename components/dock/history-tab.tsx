"use client";

import { ChevronDown, ChevronRight } from "lucide-react";
import { useEffect, useId, useMemo, useState } from "react";
import { type ApiError, asApiError, fetchRun, type Run } from "../../lib/client/api.ts";
import { clock } from "../../lib/client/format.ts";
import { useFormat } from "../../lib/client/locale.tsx";
import { type Turn, turnsOf } from "../../lib/client/turns.ts";
import type { RunStatus } from "../../lib/domain/lifecycle.ts";
import type { SessionView } from "../../lib/domain/session-view.ts";
import { ProblemNotice } from "../common/problem-notice.tsx";
import { Glyph, type GlyphName } from "../ui/glyph.tsx";

const STATES: Record<RunStatus, { glyph: GlyphName; role: string; word: string }> = {
  pending: { glyph: "ready", role: "is-neutral", word: "Queued" },
  running: { glyph: "active", role: "is-accent", word: "Running" },
  completed: { glyph: "done", role: "is-success", word: "Done" },
  failed: { glyph: "error", role: "is-danger", word: "Failed" },
  cancelled: { glyph: "stopped", role: "is-neutral", word: "Stopped" },
};

/** Every turn of the session, the newest first: what was asked, and what came of it. */
export function HistoryTab({
  view,
  start,
  onShowSession,
}: {
  view: Pick<SessionView, "items" | "runs">;
  start: number;
  /** Brings the transcript in front, where it is not. */
  onShowSession: () => void;
}) {
  const { items, runs } = view;
  const turns = useMemo(() => turnsOf({ items, runs }), [items, runs]);
  if (turns.length === 0) return <p className="p-4 text-ink-2">No messages yet</p>;
  return (
    <ul className="turns" aria-label="Turns, newest first">
      {turns.map((turn) => (
        <TurnRow key={turn.runId} turn={turn} start={start} onShowSession={onShowSession} />
      ))}
    </ul>
  );
}

function TurnRow({ turn, start, onShowSession }: { turn: Turn; start: number; onShowSession: () => void }) {
  const id = useId();
  const f = useFormat();
  const [open, setOpen] = useState(false);
  const Chevron = open ? ChevronDown : ChevronRight;
  const { glyph, role, word } = STATES[turn.status];
  return (
    <li>
      <button
        type="button"
        className="past-turn"
        aria-expanded={open}
        aria-controls={open ? id : undefined}
        onClick={() => setOpen(!open)}
      >
        <Chevron className="i i-sm text-ink-3" aria-hidden="true" />
        <span className="fact text-ink-3">{turn.number}</span>
        <span className={`chip ${role}`}>
          <Glyph name={glyph} />
          {word}
        </span>
        <span className="min-w-0 flex-1 truncate">{turn.input}</span>
        {turn.durationMs !== undefined && (
          <span className="fact max-sm:hidden">{f.duration(turn.durationMs)}</span>
        )}
        {turn.startedAt !== undefined && (
          <span className="fact text-ink-3">{clock(Date.parse(turn.startedAt) - start)}</span>
        )}
      </button>
      {open && (
        <div id={id} className="past-turn-body">
          {turn.answer === "" ? (
            <p className="text-ink-3">{turn.error ?? "No reply."}</p>
          ) : (
            <p className="whitespace-pre-wrap wrap-anywhere">{turn.answer}</p>
          )}
          {turn.answer !== "" && turn.error !== undefined && <p className="text-danger">{turn.error}</p>}
          <p className="flex flex-wrap items-center gap-x-4 gap-y-1 text-small text-ink-2">
            <Figures key={turn.status} runId={turn.runId} />
            {turn.seq !== undefined && (
              <a className="link" href={`#e${turn.seq}`} onClick={onShowSession}>
                Show in transcript
              </a>
            )}
          </p>
        </div>
      )}
    </li>
  );
}

/** What a turn used and cost, read when somebody wants to know. */
function Figures({ runId }: { runId: string }) {
  const f = useFormat();
  const [run, setRun] = useState<Run>();
  const [problem, setProblem] = useState<ApiError>();
  useEffect(() => {
    let gone = false;
    fetchRun(runId).then(
      (found) => !gone && setRun(found),
      (error: unknown) => !gone && setProblem(asApiError(error)),
    );
    return () => {
      gone = true;
    };
  }, [runId]);
  if (problem) return <ProblemNotice title="Couldn't load the turn's usage" error={problem} />;
  if (!run) return <span className="bones">Loading usage</span>;
  return (
    <>
      <span>{f.tokens(run.total_tokens)} tokens</span>
      <span>cost {f.amount(Math.round(run.total_cost_usd * 1_000_000))}</span>
      {run.duration_ms !== null && <span>took {f.duration(run.duration_ms)}</span>}
    </>
  );
}
