"use client";

import { useState } from "react";
import { useAction } from "#client/action.ts";
import { keepGoing, type SessionGit, stopGoing } from "#client/git.ts";
import { useFormat } from "#client/locale.tsx";
import { parseCap } from "#client/money.ts";
import { GREEN_END_WORDS, GREEN_LIMITS, type GreenPhase } from "#domain/green.ts";
import { plural } from "#domain/plural.ts";
import { useOpened, useSessionState } from "../session/session-context.tsx";
import { Button } from "../ui/button.tsx";
import { Field } from "../ui/field.tsx";
import { Notice } from "../ui/notice.tsx";
import { ActionProblem } from "../ui/problem-notice.tsx";

const PHASES: Record<GreenPhase, string> = {
  looking: "Waiting for the checks",
  working: "The agent is working on it",
  leaving: "Committing and pushing",
};

/** Has the agent go on until a pull request is green, and says how far that is. */
export function GreenCard({
  repository: { folder, green },
  onDone,
}: {
  repository: SessionGit;
  onDone: () => void;
}) {
  const f = useFormat();
  const { session, disabledReason } = useOpened();
  const stopping = useAction(async () => {
    await stopGoing(session.id, folder);
    onDone();
  }, "Couldn't stop it");
  const off = disabledReason.drive;
  if (green?.reason === null)
    return (
      <Notice tone="info" title={`${PHASES[green.phase]}…`}>
        <p>
          {green.attempts} of {green.maxAttempts} {plural(green.maxAttempts, "attempt", "attempts")},{" "}
          {f.dollars(green.costMicroUsd)} of {f.dollars(green.maxCostMicroUsd)}. Studio keeps going until the
          pull request is green.
        </p>
        <ActionProblem failure={stopping.failure} />
        <div className="pt-2">
          <Button action={stopping} busy="Stopping" off={off !== undefined} title={off}>
            Stop
          </Button>
        </div>
      </Notice>
    );
  return (
    <div className="grid grid-cols-[minmax(0,1fr)] gap-3">
      {green && (
        <Notice
          tone={green.reason === "green" ? "done" : "warning"}
          title={green.reason === "green" ? "The pull request is green" : "It isn't green yet"}
        >
          <p className="whitespace-pre-wrap wrap-anywhere">
            {GREEN_END_WORDS[green.reason]} {green.attempts} {plural(green.attempts, "attempt", "attempts")},{" "}
            {f.dollars(green.costMicroUsd)}.{green.detail !== null && `\n${green.detail}`}
          </p>
        </Notice>
      )}
      <StartForm folder={folder} off={off} onDone={onDone} />
    </div>
  );
}

function StartForm({ folder, off, onDone }: { folder: string; off: string | undefined; onDone: () => void }) {
  const f = useFormat();
  const { session } = useOpened();
  const { view } = useSessionState();
  const [attempts, setAttempts] = useState(String(GREEN_LIMITS.defaultAttempts));
  const [cost, setCost] = useState(f.cap(GREEN_LIMITS.defaultCostMicroUsd));
  const count = /^\d{1,2}$/.test(attempts.trim()) ? Number(attempts) : 0;
  const amount = parseCap(cost, f);
  const countProblem =
    count < 1 || count > GREEN_LIMITS.maxAttempts ? `Enter 1 to ${GREEN_LIMITS.maxAttempts}.` : undefined;
  const costProblem = amount.ok ? undefined : amount.problem;
  const starting = useAction(async () => {
    if (!amount.ok || countProblem !== undefined) return;
    await keepGoing(session.id, { folder, maxAttempts: count, maxCostMicroUsd: amount.microUsd });
    onDone();
  }, "Couldn't start");
  const blocked = off ?? countProblem ?? costProblem;
  return (
    <form
      aria-label="Keep going until green"
      className="grid grid-cols-[minmax(0,1fr)] gap-3"
      onSubmit={(event) => {
        event.preventDefault();
        if (blocked === undefined) starting.run();
      }}
    >
      <div className="flex flex-wrap gap-3">
        <Field
          label="Attempts at most"
          inputMode="numeric"
          value={attempts}
          onChange={({ target }) => setAttempts(target.value)}
          problem={countProblem}
          frameClass="w-36"
        />
        <Field
          label="Cost at most, in dollars"
          inputMode="decimal"
          value={cost}
          onChange={({ target }) => setCost(target.value)}
          problem={costProblem}
          frameClass="w-44"
        />
      </div>
      <p className="text-small text-ink-2">
        The agent gets failed checks and new comments, and Studio commits and pushes everything that has
        changed. What you approve and what you don&apos;t stays the same.
        {(view.autoApprove ?? session.autoApprove) &&
          " This session approves everything by itself, so text from checks and comments can make the agent run commands without you."}
      </p>
      <ActionProblem failure={starting.failure} />
      <div>
        <Button type="submit" off={starting.pending || blocked !== undefined} title={blocked}>
          {starting.pending ? "Starting" : "Keep going until green"}
        </Button>
      </div>
    </form>
  );
}
