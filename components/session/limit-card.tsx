"use client";

import { useForm } from "#client/form.ts";
import { LIMIT_BOUNDS, setLimit } from "#client/limits.ts";
import { type LimitRow, useLimit } from "#client/live-limits.ts";
import { useFormat } from "#client/locale.tsx";
import { nextCap, parseCap } from "#client/money.ts";
import type { WaitDetail } from "#domain/session.ts";
import { AskCard, AskFoot, askBodyClass } from "../ui/ask-card.tsx";
import { Button } from "../ui/button.tsx";
import { ErrorBoundary } from "../ui/error-boundary.tsx";
import { Field } from "../ui/field.tsx";
import { FormBody } from "../ui/form-card.tsx";
import { Meter } from "../ui/meter.tsx";
import { ActionProblem } from "../ui/problem-notice.tsx";
import { useOpened, useSessionState } from "./session-context.tsx";
import { isSent, OtherWays } from "./wait-card.tsx";

type Reached = NonNullable<WaitDetail["limit"]>;

/** A monthly limit is reached: the agent pauses until an admin raises it, the month is over, or somebody stops the run. */
export function LimitCard({ detail, limit }: { detail: WaitDetail; limit: Reached }) {
  return (
    <ErrorBoundary fallback={<ReachedCard detail={detail} />}>
      <LiveCard detail={detail} of={limit} />
    </ErrorBoundary>
  );
}

function LiveCard({ detail, of: { subject, subjectId } }: { detail: WaitDetail; of: Reached }) {
  const limit = useLimit({ subject, subjectId });
  return <ReachedCard detail={detail} limit={limit ?? undefined} />;
}

/** @param limit undefined where the reader may not see how it stands, or does not yet */
export function ReachedCard({ detail, limit }: { detail: WaitDetail; limit?: LimitRow | undefined }) {
  const f = useFormat();
  const { disabledReason } = useOpened();
  const { interrupt } = useSessionState();
  const isAdmin = disabledReason.limit === undefined;
  const off = disabledReason.drive !== undefined || interrupt.stopping;
  const used = limit && `${f.dollars(limit.spentMicroUsd)} of ${f.dollars(limit.limitMicroUsd)}`;
  const left = limit ? limit.limitMicroUsd - limit.spentMicroUsd - limit.heldMicroUsd : 1;
  return (
    <AskCard
      title={detail.message}
      aside={used !== undefined && <span className="fact">{used}</span>}
      testId="limit-card"
    >
      <div className={askBodyClass}>
        {limit && (
          <Meter
            label="Cost of this month against the limit"
            value={limit.spentMicroUsd}
            max={limit.limitMicroUsd}
            valueText={used ?? ""}
            className="w-full"
          />
        )}
        <p className="text-small text-ink-2">
          The agent paused because its next model call could exceed{" "}
          {limit?.name ? (
            <>
              the limit of <strong>{limit.name}</strong>
            </>
          ) : (
            "the limit"
          )}
          . Calls with your own keys count as well.{" "}
          {isAdmin ? "Raise the limit to continue" : "Ask an admin to raise it"}, or stop the run.
          {detail.retryAt !== null && ` A new month begins on ${f.momentUtc(detail.retryAt)} UTC.`} Your files
          are unaffected.
        </p>
      </div>
      {isAdmin && limit ? (
        <RaiseForm limit={limit} isOff={off} helps={left > 0} />
      ) : (
        <AskFoot note={disabledReason.drive ?? disabledReason.limit}>
          <OtherWays off={off} helps={left > 0} />
        </AskFoot>
      )}
    </AskCard>
  );
}

/** Raises the limit, for all runs that wait for it. */
function RaiseForm({ limit, isOff, helps }: { limit: LimitRow; isOff: boolean; helps: boolean }) {
  const f = useFormat();
  const { disabledReason } = useOpened();
  const { subject, subjectId, limitMicroUsd, spentMicroUsd } = limit;
  const amountOf = (typed: string) => parseCap(typed, f, LIMIT_BOUNDS);
  const raise = useForm({
    initial: () => ({ limit: f.cap(nextCap(limitMicroUsd, spentMicroUsd, LIMIT_BOUNDS)) }),
    check: (typed) => {
      const amount = amountOf(typed.limit);
      if (!amount.ok) return { limit: amount.problem };
      return {
        limit:
          amount.microUsd <= limitMicroUsd &&
          `The new limit must be higher than ${f.dollars(limitMicroUsd)}.`,
      };
    },
    send: async (typed) => {
      const amount = amountOf(typed.limit);
      if (amount.ok) await setLimit({ subject, subject_id: subjectId, limit_micro_usd: amount.microUsd });
    },
    failed: "Couldn't raise the limit",
    problemsOf: () => ({}),
  });
  const off = isOff || isSent(raise);
  return (
    <FormBody form={raise}>
      <div className={askBodyClass}>
        <Field
          label="New monthly limit in dollars"
          {...raise.field("limit")}
          className="fact max-w-40 [word-spacing:0]"
          inputMode="decimal"
          autoComplete="off"
        />
        <ActionProblem failure={raise.failure} />
      </div>
      <AskFoot note={disabledReason.drive}>
        <Button type="submit" look="primary" off={isSent(raise)}>
          {isSent(raise) ? "Raising limit" : "Raise limit"}
        </Button>
        <OtherWays off={off} helps={helps} />
      </AskFoot>
    </FormBody>
  );
}
