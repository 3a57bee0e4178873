"use client";

import { Check, ChevronDown, ChevronUp, LoaderCircle, TriangleAlert } from "lucide-react";
import { useState } from "react";
import { useFormat } from "#client/locale.tsx";
import { useNow } from "#client/use-now.ts";
import { PROVISION_STEPS } from "#domain/lifecycle.ts";
import type { SessionView, StepView } from "#domain/session-view.ts";
import { statusLabelOf } from "#domain/waits.ts";
import { cn } from "../ui/cn.ts";
import { Glyph } from "../ui/glyph.tsx";
import { Icon } from "../ui/icon.tsx";
import { ScrollRegion } from "../ui/scroll-region.tsx";
import { CommandOutput } from "./command-output.tsx";
import { foldClass } from "./fold.ts";

const rowClass =
  "grid min-h-9 grid-cols-[16px_minmax(0,3fr)_minmax(0,2fr)_64px] items-center gap-x-3 border-b border-line px-3 max-sm:grid-cols-[16px_minmax(0,1fr)_64px]";
const trackClass =
  "relative self-stretch border-r border-line bg-[linear-gradient(to_right,var(--line)_1px,transparent_1px)] bg-size-[25%_100%] max-sm:hidden";

interface Bar {
  id: string;
  label: string;
  step: StepView | undefined;
  /** From the session's start, in milliseconds. */
  from: number;
  /** Null while it has not begun. */
  ms: number | null;
}

const READY = "ready";
/** The unit's own sign, which is no word. */
const SECONDS = " s";

function barsOf(view: SessionView, createdAt: number, now: number): Bar[] {
  const seen = new Set(view.steps.map(({ step }) => step));
  const shown = PROVISION_STEPS.filter(({ id, optional }) => id !== READY && (!optional || seen.has(id)));
  return shown.map(({ id, label }) => {
    const step = view.steps.find((s) => s.step === id);
    const from = step ? Math.max(0, Date.parse(step.startedAt) - createdAt) : 0;
    return {
      id,
      label: step?.label ?? label,
      step,
      from,
      ms: step ? (step.durationMs ?? Math.max(0, now - Date.parse(step.startedAt))) : null,
    };
  });
}

/** How the workspace came to be: each step with its real time. One line once it stands. */
export function CreationChart({ view, createdAt }: { view: SessionView; createdAt: number }) {
  const f = useFormat();
  const going = view.status === "provisioning" && !view.ended;
  const failed = view.steps.some((step) => step.status === "failed");
  const total = view.steps.find((step) => step.step === READY)?.durationMs;
  const [choice, setChoice] = useState<boolean>();
  const open = going || (choice ?? failed);
  if (view.steps.length === 0 && !going) return null;
  if (going) return <Chart view={view} createdAt={createdAt} going />;
  return (
    <>
      <button type="button" className={foldClass} aria-expanded={open} onClick={() => setChoice(!open)}>
        {total === undefined ? (
          "Couldn't open the workspace"
        ) : (
          <>
            Opened the workspace in <span className="fact">{f.duration(total)}</span>
            {failed && ", but set-up failed"}
          </>
        )}
        <Icon as={open ? ChevronUp : ChevronDown} size="sm" />
      </button>
      {open && <Chart view={view} createdAt={createdAt} going={false} />}
    </>
  );
}

/** What the set-up script printed: as it comes, and later on demand. */
function SetupOutput({ text, going }: { text: string; going: boolean }) {
  const [choice, setChoice] = useState<boolean>();
  const open = choice ?? going;
  return (
    <div className="mt-2">
      <button type="button" className={foldClass} aria-expanded={open} onClick={() => setChoice(!open)}>
        Set-up output
        <Icon as={open ? ChevronUp : ChevronDown} size="sm" />
      </button>
      {open && (
        <ScrollRegion
          label="Set-up output"
          landmark={false}
          className="mt-1 max-h-60 overflow-auto rounded-sm border border-line bg-sunken p-3 font-mono text-small whitespace-pre-wrap wrap-anywhere"
        >
          <CommandOutput text={text} />
        </ScrollRegion>
      )}
    </div>
  );
}

function Chart({ view, createdAt, going }: { view: SessionView; createdAt: number; going: boolean }) {
  const f = useFormat();
  const now = useNow(100) ?? createdAt;
  const bars = barsOf(view, createdAt, now);
  const ends = bars.map((bar) => bar.from + (bar.ms ?? 0));
  const elapsed = going ? Math.max(0, now - createdAt) : Math.max(...ends, 0);
  // Whole seconds, in four parts.
  const span = Math.max(4000, Math.ceil(Math.max(elapsed, ...ends) / 4000) * 4000);
  const done = bars.filter((bar) => bar.step?.status === "completed").length;
  return (
    <div className={going ? "" : "mt-2"}>
      {going && (
        <div className="mb-3 flex items-end gap-4">
          <div>
            <h3 className="text-head">Opening the workspace</h3>
            <p className="text-ink-2">
              {view.waitingFor === "capacity" ? (
                statusLabelOf(view).cause
              ) : (
                <>
                  Step {Math.min(done + 1, bars.length)} of {bars.length}
                </>
              )}
            </p>
          </div>
          <p className="ml-auto font-mono text-display whitespace-nowrap">
            {f.tenths(elapsed / 1000)}
            <span className="text-small text-ink-3">{SECONDS}</span>
          </p>
        </div>
      )}
      <div className="overflow-hidden rounded-md border border-line-strong bg-raised">
        <div
          className={cn(rowClass, "bg-sunken text-[length:var(--text-small)] text-ink-3 max-sm:hidden")}
          aria-hidden="true"
        >
          <span className="col-span-2">Step</span>
          <span className={cn(trackClass, "flex items-center justify-between")}>
            {[0, 1, 2, 3].map((part) => (
              <span key={part} className="fact absolute pl-1 text-micro" style={{ left: `${part * 25}%` }}>
                {f.wholeSeconds((span / 4) * part)}
              </span>
            ))}
          </span>
          <span className="text-end">Time</span>
        </div>
        <ol aria-label="Setup steps">
          {bars.map((bar) => (
            <li
              key={bar.id}
              className={cn(rowClass, "group/step last:border-b-0")}
              data-status={bar.step?.status ?? "waiting"}
            >
              <StepMark step={bar.step} going={going} />
              <span className="min-w-0 py-1">
                <span className={bar.step ? "block" : "block text-ink-3"}>{bar.label}</span>
                {bar.step?.detail && (
                  <span className="fact block text-small wrap-anywhere text-ink-3">{bar.step.detail}</span>
                )}
                {bar.step?.error && (
                  <span className="block text-small wrap-anywhere text-danger">{bar.step.error}</span>
                )}
              </span>
              <span className={trackClass} aria-hidden="true">
                {bar.ms !== null && (
                  <span
                    className="absolute top-1/2 -mt-[5px] h-2.5 min-w-0.5 bg-neutral-fill group-data-[status=failed]/step:bg-danger-fill group-data-[status=started]/step:bg-accent-fill"
                    style={{
                      left: `${(bar.from / span) * 100}%`,
                      width: `${(Math.min(bar.ms, span - bar.from) / span) * 100}%`,
                    }}
                  />
                )}
              </span>
              <span className="fact text-end whitespace-nowrap">
                {bar.ms === null ? "" : f.duration(bar.ms)}
              </span>
            </li>
          ))}
        </ol>
      </div>
      {view.setupOutput !== undefined && <SetupOutput text={view.setupOutput} going={going} />}
    </div>
  );
}

function StepMark({ step, going }: { step: StepView | undefined; going: boolean }) {
  const word = step ? { started: "Running", completed: "Done", failed: "Failed" }[step.status] : "To do";
  return (
    <span className="grid place-items-center">
      {step?.status === "completed" && <Icon as={Check} size="sm" className="text-success" />}
      {step?.status === "failed" && <Icon as={TriangleAlert} size="sm" className="text-danger" />}
      {step?.status === "started" &&
        (going ? (
          <Icon as={LoaderCircle} size="sm" className="turn text-accent" />
        ) : (
          <Glyph name="denied" className="text-neutral" />
        ))}
      {!step && <Glyph name="stopped" className="text-ink-3" />}
      <span className="sr-only">{word}: </span>
    </span>
  );
}
