"use client";

import Link from "next/link";
import { useId, useState } from "react";
import { type ApiError, asApiError, cancelRun, setBudgetCap } from "../../lib/client/api.ts";
import { useFormat } from "../../lib/client/locale.tsx";
import { nextCap, parseCap } from "../../lib/client/money.ts";
import type { KeySource } from "../../lib/domain/catalog.ts";
import { ProblemNotice } from "../common/problem-notice.tsx";
import { Glyph } from "../ui/glyph.tsx";
import { Meter } from "../ui/meter.tsx";
import { Notice } from "../ui/notice.tsx";

/** The session has reached its cap: the agent pauses until a person raises it, or stops the run. */
export function BudgetCard({
  sessionId,
  cap,
  spent,
  disabledReason,
  onStop,
}: {
  sessionId: string;
  /** Micro-USD. */
  cap: number;
  spent: number;
  /** Why the reader may decide nothing; undefined where they may. */
  disabledReason: string | undefined;
  onStop: () => void;
}) {
  const f = useFormat();
  const id = useId();
  const [typed, setTyped] = useState(() => f.cap(nextCap(cap, spent)));
  const [wrong, setWrong] = useState<string>();
  const [sent, setSent] = useState<"raise" | "stop">();
  const [problem, setProblem] = useState<{ title: string; error: ApiError }>();
  const off = disabledReason !== undefined || sent !== undefined;

  const act = async (what: "raise" | "stop", title: string, call: () => Promise<unknown>) => {
    setSent(what);
    setWrong(undefined);
    setProblem(undefined);
    try {
      await call();
    } catch (error) {
      setProblem({ title, error: asApiError(error) });
      setSent(undefined);
    }
  };
  const raise = async () => {
    if (off) return;
    const amount = parseCap(typed, f);
    if (!amount.ok) return setWrong(amount.problem);
    if (amount.microUsd <= cap) return setWrong(`The new cap must be higher than ${f.dollars(cap)}.`);
    await act("raise", "Couldn't raise the cap", async () => await setBudgetCap(sessionId, amount.microUsd));
  };

  return (
    <section className="approval" aria-labelledby={`${id}-title`} data-testid="budget-card">
      <div className="approval-head">
        <Glyph name="waiting" className="text-warning" />
        <h3 id={`${id}-title`}>Spending cap reached</h3>
        <span className="tail fact">
          {f.dollars(spent)} of {f.dollars(cap)}
        </span>
      </div>
      <form
        noValidate
        onSubmit={(event) => {
          event.preventDefault();
          void raise();
        }}
      >
        <div className="approval-body">
          <Meter
            label="Cost against the cap"
            value={spent}
            max={cap}
            valueText={`${f.dollars(spent)} of ${f.dollars(cap)}`}
            className="w-full"
          />
          <p className="text-small text-ink-2">
            The agent paused because its next model call could exceed the cap. Raise the cap to continue, or
            stop the run. Your files are unaffected.
          </p>
          <div className="field">
            <label htmlFor={`${id}-cap`}>New cap in dollars</label>
            <input
              id={`${id}-cap`}
              className="input fact max-w-40"
              inputMode="decimal"
              autoComplete="off"
              value={typed}
              disabled={disabledReason !== undefined}
              onChange={(event) => setTyped(event.target.value)}
              aria-invalid={wrong ? true : undefined}
              aria-describedby={wrong ? `${id}-wrong` : undefined}
            />
            {wrong && (
              <span className="problem" id={`${id}-wrong`} role="alert">
                {wrong}
              </span>
            )}
          </div>
          {problem && <ProblemNotice title={problem.title} error={problem.error} />}
        </div>
        <div className="approval-foot">
          <button type="submit" className="btn btn-primary" aria-disabled={off}>
            {sent === "raise" ? "Raising cap" : "Raise cap"}
          </button>
          <button
            type="button"
            className="btn"
            aria-disabled={off}
            onClick={() =>
              !off && void act("stop", "Couldn't stop the run", async () => await cancelRun(sessionId))
            }
          >
            {sent === "stop" ? "Stopping this run" : "Stop this run"}
          </button>
          <button
            type="button"
            className="btn btn-danger sm:ml-auto"
            aria-disabled={disabledReason !== undefined}
            onClick={() => disabledReason === undefined && onStop()}
          >
            Stop session
          </button>
          {disabledReason && <p className="col-span-full w-full text-small text-ink-3">{disabledReason}</p>}
        </div>
      </form>
    </section>
  );
}

/** Where credits, and keys that need none, come from. */
export function CreditsLinks() {
  return (
    <>
      <Link className="btn btn-sm" href="/settings/billing">
        Open Billing
      </Link>
      <Link className="btn btn-sm" href="/settings/providers">
        Open Providers
      </Link>
    </>
  );
}

/** The credits are used up: where more come from. */
export function CreditsNotice({ keySource }: { keySource: KeySource }) {
  return (
    <Notice tone="warning" title="Out of credits" actions={<CreditsLinks />}>
      <p>
        There aren't enough credits for the next model call. The session's files and transcript are safe.
        {keySource === "platform" &&
          " You can pay for new sessions with your own provider key; this one stays on credits."}
      </p>
    </Notice>
  );
}
