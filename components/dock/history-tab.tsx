"use client";

import { ChevronDown, ChevronRight } from "lucide-react";
import { Fragment, useId, useMemo, useState } from "react";
import { fetchRun } from "#client/api.ts";
import { clock } from "#client/format.ts";
import { useFormat } from "#client/locale.tsx";
import { useResource } from "#client/resource.ts";
import { type Turn, turnsOf } from "#client/turns.ts";
import type { RunStatus } from "#domain/lifecycle.ts";
import { useOpened, useSessionState } from "../session/session-context.tsx";
import { Chip } from "../ui/chip.tsx";
import type { GlyphName } from "../ui/glyph.tsx";
import { Icon } from "../ui/icon.tsx";
import { Loaded, Loading } from "../ui/loaded.tsx";
import type { ColorRole } from "../ui/tones.ts";

const STATES: Record<RunStatus, { glyph: GlyphName; tone: ColorRole; word: string }> = {
  pending: { glyph: "ready", tone: "neutral", word: "Queued" },
  running: { glyph: "active", tone: "accent", word: "Running" },
  completed: { glyph: "done", tone: "success", word: "Done" },
  failed: { glyph: "error", tone: "danger", word: "Failed" },
  cancelled: { glyph: "stopped", tone: "neutral", word: "Stopped" },
};

const PARKED = { glyph: "waiting", tone: "warning", word: "Parked" } as const;

/** Every turn of the session, the newest first: what was asked, and what came of it. */
export function HistoryTab() {
  const { items, runs } = useSessionState().view;
  const turns = useMemo(() => turnsOf({ items, runs }), [items, runs]);
  if (turns.length === 0) return <p className="p-4 text-ink-2">No messages yet</p>;
  return (
    <ul aria-label="Turns, newest first">
      {turns.map((turn) => (
        <Fragment key={turn.runId}>
          <TurnRow turn={turn} />
          {turn.goesOn !== undefined && (
            <li className="border-b border-line bg-sunken px-3 py-1 text-small text-ink-3">
              The session had ended. {turn.goesOn}
            </li>
          )}
        </Fragment>
      ))}
    </ul>
  );
}

function TurnRow({ turn }: { turn: Turn }) {
  const id = useId();
  const f = useFormat();
  const { session } = useOpened();
  const { panels } = useSessionState();
  const [open, setOpen] = useState(false);
  const { word, ...look } = turn.isParked ? PARKED : STATES[turn.status];
  return (
    <li className="border-b border-line">
      <button
        type="button"
        className="flex min-h-[34px] w-full items-center gap-2 px-3 py-1 text-start text-small hover:bg-hover focus-visible:-outline-offset-2 max-sm:min-h-11"
        aria-expanded={open}
        aria-controls={open ? id : undefined}
        onClick={() => setOpen(!open)}
      >
        <Icon as={open ? ChevronDown : ChevronRight} size="sm" className="text-ink-3" />
        <span className="fact text-ink-3">{turn.number}</span>
        <Chip {...look}>{word}</Chip>
        <span className="min-w-0 flex-1 truncate">{turn.input}</span>
        {turn.durationMs !== undefined && (
          <span className="fact max-sm:hidden">{f.duration(turn.durationMs)}</span>
        )}
        {turn.startedAt !== undefined && (
          <span className="fact text-ink-3">{clock(Date.parse(turn.startedAt) - session.createdAt)}</span>
        )}
      </button>
      {open && (
        <div id={id} className="grid gap-1.5 pt-0.5 pr-3 pb-2.5 pl-9" data-testid="turn-details">
          {turn.answer === "" ? (
            <p className="text-ink-3">{turn.error ?? "No reply."}</p>
          ) : (
            <p className="wrap-anywhere whitespace-pre-wrap">{turn.answer}</p>
          )}
          {turn.answer !== "" && turn.error !== undefined && <p className="text-danger">{turn.error}</p>}
          <div className="flex flex-wrap items-center gap-x-4 gap-y-1 text-small text-ink-2">
            <Figures turn={turn} />
            {turn.seq !== undefined && (
              <a className="link" href={`#e${turn.seq}`} onClick={() => panels.show("session")}>
                Show in transcript
              </a>
            )}
          </div>
        </div>
      )}
    </li>
  );
}

/** What a turn used and cost, read when somebody wants to know. */
function Figures({ turn: { runId, status } }: { turn: Turn }) {
  const f = useFormat();
  const run = useResource(["run", runId, status], async () => await fetchRun(runId));
  return (
    <Loaded resource={run} loading={<Loading>Loading usage</Loading>} failed="Couldn't load the turn's usage">
      {({ total_tokens, total_cost_usd, returned_usd, duration_ms }) => (
        <>
          <span>{f.tokens(total_tokens)} tokens</span>
          <span>cost {f.amount(Math.round(total_cost_usd * 1_000_000))}</span>
          {returned_usd > 0 && <span>returned {f.amount(Math.round(returned_usd * 1_000_000))}</span>}
          {duration_ms !== null && <span>took {f.duration(duration_ms)}</span>}
        </>
      )}
    </Loaded>
  );
}
