"use client";

import type { Action } from "#client/action.ts";
import { setBudgetCap } from "#client/api.ts";
import { useForm } from "#client/form.ts";
import { useFormat } from "#client/locale.tsx";
import { nextCap, parseCap } from "#client/money.ts";
import type { KeySource } from "#domain/catalog.ts";
import { AskCard, AskFoot, askBodyClass } from "../ui/ask-card.tsx";
import { Button } from "../ui/button.tsx";
import { Field } from "../ui/field.tsx";
import { FormBody } from "../ui/form-card.tsx";
import { Meter } from "../ui/meter.tsx";
import { Notice } from "../ui/notice.tsx";
import { ActionProblem, CreditsLinks } from "../ui/problem-notice.tsx";
import { useBranching } from "./branching.tsx";
import { useOpened, useSessionState } from "./session-context.tsx";

/** True from the press on: the card goes with the event that says it is done. */
export const isSent = ({ pending, done }: Pick<Action<[]>, "pending" | "done">) => pending || done;

/**
 * The ways on from a limit that do not move it: a cheaper model in a new session, the run's end, the session's end.
 * @param helps whether a cheaper model's call may still fit
 */
export function OtherWays({ off, helps = true }: { off: boolean; helps?: boolean }) {
  const { disabledReason } = useOpened();
  const { interrupt, setLayer } = useSessionState();
  const branching = useBranching();
  return (
    <>
      {branching && helps && (
        <Button off={interrupt.stopping} onClick={() => branching.toOtherModel("cheaper")}>
          Continue with a cheaper model
        </Button>
      )}
      <Button off={off} onClick={interrupt.run}>
        {interrupt.stopping ? "Stopping this run" : "Stop this run"}
      </Button>
      <Button
        look="danger"
        className="sm:ml-auto"
        off={disabledReason.drive !== undefined}
        onClick={() => setLayer("end")}
      >
        End session
      </Button>
    </>
  );
}

/** The session has reached its cap: the agent pauses until a person raises it, or stops the run. @param cap micro-USD */
export function BudgetCard({ cap }: { cap: number }) {
  const f = useFormat();
  const { session, disabledReason } = useOpened();
  const { view, interrupt } = useSessionState();
  const spent = view.usage.costMicroUsd;
  const amountOf = (typed: string) => parseCap(typed, f);
  const raise = useForm({
    initial: () => ({ cap: f.cap(nextCap(cap, spent)) }),
    check: (typed) => {
      const amount = amountOf(typed.cap);
      if (!amount.ok) return { cap: amount.problem };
      return { cap: amount.microUsd <= cap && `The new cap must be higher than ${f.dollars(cap)}.` };
    },
    send: async (typed) => {
      const amount = amountOf(typed.cap);
      if (amount.ok) await setBudgetCap(session.id, amount.microUsd);
    },
    failed: "Couldn't raise the cap",
    problemsOf: () => ({}),
  });
  const isBarred = disabledReason.drive !== undefined;
  const off = isBarred || isSent(raise) || interrupt.stopping;
  const used = `${f.dollars(spent)} of ${f.dollars(cap)}`;
  return (
    <AskCard title="Spending cap reached" aside={<span className="fact">{used}</span>} testId="budget-card">
      <FormBody form={raise}>
        <div className={askBodyClass}>
          <Meter label="Cost against the cap" value={spent} max={cap} valueText={used} className="w-full" />
          <p className="text-small text-ink-2">
            The agent paused because its next model call could exceed the cap. Raise the cap to continue, go
            on with a cheaper model in a new session, or stop the run. Your files are unaffected.
          </p>
          <Field
            label="New cap in dollars"
            {...raise.field("cap")}
            className="fact max-w-40 [word-spacing:0]"
            inputMode="decimal"
            autoComplete="off"
            disabled={isBarred}
          />
          <ActionProblem failure={raise.failure} />
        </div>
        <AskFoot note={disabledReason.drive}>
          <Button type="submit" look="primary" off={off}>
            {isSent(raise) ? "Raising cap" : "Raise cap"}
          </Button>
          <OtherWays off={off} />
        </AskFoot>
      </FormBody>
    </AskCard>
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
