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
import { session as t } from "../../lib/client/messages/session.ts";
import { fill } from "../../lib/client/messages/text.ts";

/** The session has reached its cap: the agent pauses until a person raises it, or stops the run. */
export function BudgetCard({
  sessionId,
  cap,
  spent,
  barred,
  onStop,
}: {
  sessionId: string;
  /** Micro-USD. */
  cap: number;
  spent: number;
  /** Why the reader may decide nothing; undefined where they may. */
  barred: string | undefined;
  onStop: () => void;
}) {
  const f = useFormat();
  const id = useId();
  const [typed, setTyped] = useState(() => f.cap(nextCap(cap, spent)));
  const [wrong, setWrong] = useState<string>();
  const [sent, setSent] = useState<"raise" | "stop">();
  const [problem, setProblem] = useState<{ title: string; error: ApiError }>();
  const off = barred !== undefined || sent !== undefined;

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
    if (amount.microUsd <= cap) return setWrong(fill(t.theNewCapMustBe, { cap: f.dollars(cap) }));
    await act("raise", t.theCapWasNotRaised, async () => await setBudgetCap(sessionId, amount.microUsd));
  };

  return (
    <section className="approval" aria-labelledby={`${id}-title`} data-testid="budget-card">
      <div className="approval-head">
        <Glyph name="waiting" className="text-ochre" />
        <h3 id={`${id}-title`}>{t.theSessionIsAtIts}</h3>
        <span className="tail fact">
          {fill(t.spentOfCap, { spent: f.dollars(spent), cap: f.dollars(cap) })}
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
            label={t.costOfCap}
            value={spent}
            max={cap}
            words={fill(t.spentOfCap, { spent: f.dollars(spent), cap: f.dollars(cap) })}
            className="w-full"
          />
          <p className="text-small text-ink-2">{t.theAgentPausesBeforeIts}</p>
          <div className="field">
            <label htmlFor={`${id}-cap`}>{t.newCapInDollars}</label>
            <input
              id={`${id}-cap`}
              className="input fact max-w-40"
              inputMode="decimal"
              autoComplete="off"
              value={typed}
              disabled={barred !== undefined}
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
            {sent === "raise" ? t.raisingTheCap : t.raiseTheCap}
          </button>
          <button
            type="button"
            className="btn"
            aria-disabled={off}
            onClick={() =>
              !off && void act("stop", t.theRunWasNotStopped, async () => await cancelRun(sessionId))
            }
          >
            {sent === "stop" ? t.stoppingThisRun : t.stopThisRun}
          </button>
          <button
            type="button"
            className="btn btn-danger sm:ml-auto"
            aria-disabled={barred !== undefined}
            onClick={() => barred === undefined && onStop()}
          >
            {t.stopTheSession}
          </button>
          {barred && <p className="col-span-full w-full text-small text-ink-3">{barred}</p>}
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
        {t.openBilling}
      </Link>
      <Link className="btn btn-sm" href="/settings/providers">
        {t.openProviders}
      </Link>
    </>
  );
}

/** The credits are used up: where more come from. */
export function CreditsNotice({ keySource }: { keySource: KeySource }) {
  return (
    <Notice tone="warning" title={t.creditsAreUsedUp} actions={<CreditsLinks />}>
      <p>
        {t.thereAreNotEnoughFor}
        {keySource === "platform" && ` ${t.aKeyOfYourOwn}`}
      </p>
    </Notice>
  );
}
