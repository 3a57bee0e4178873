"use client";

import { readTopUp, type TopUp, writeTopUp } from "#client/billing.ts";
import { useForm } from "#client/form.ts";
import { useFormat } from "#client/locale.tsx";
import { useResource } from "#client/resource.ts";
import { TOP_UP_CENTS, type TopUpFailure } from "#domain/top-up.ts";
import { Field } from "../ui/field.tsx";
import { FormCard } from "../ui/form-card.tsx";
import { Loaded, Loading } from "../ui/loaded.tsx";
import { Notice } from "../ui/notice.tsx";
import { Choice } from "../ui/select.tsx";

const FAILURES: Record<TopUpFailure, string> = {
  declined:
    "The card was declined. Change it under Invoices and cards, or buy credits once with another one.",
  needs_action: "The card's bank asks its owner to confirm the payment. Buy credits once by hand.",
  no_card: "There is no saved card. Buy credits once: the card is saved with the payment.",
  refused: "Stripe refused the payment. Buy credits once by hand, or ask the operator.",
  unknown: "What became of the last payment isn't known. Look for it under Invoices and cards first.",
};
const FIELDS = [
  { key: "amount", label: "Buy (US dollars)", hint: "Each time", bounds: TOP_UP_CENTS.amount },
  {
    key: "threshold",
    label: "Once this much is left",
    hint: "What is available, without what is reserved",
    bounds: TOP_UP_CENTS.threshold,
  },
  {
    key: "monthly",
    label: "At most in a month",
    hint: "By top-ups alone, in UTC",
    bounds: TOP_UP_CENTS.monthly,
  },
] as const;

const centsOf = (typed: string): number =>
  /^\d{1,6}$/.test(typed.trim()) ? Number(typed) * 100 : Number.NaN;
const dollarsOf = (cents: number | null, usual: number) => String((cents ?? usual) / 100);

/** When credits are bought by themselves. */
export function TopUpCard() {
  const read = useResource(["top-up"], readTopUp);
  return (
    <Loaded
      resource={read}
      loading={<Loading>Loading the automatic top-up</Loading>}
      failed="Couldn't load the automatic top-up"
    >
      {(topUp) => <TopUpForm topUp={topUp} onSaved={read.retry} />}
    </Loaded>
  );
}

function TopUpForm({ topUp, onSaved }: { topUp: TopUp; onSaved: () => void }) {
  const f = useFormat();
  const form = useForm({
    initial: {
      state: topUp.on ? "on" : "off",
      amount: dollarsOf(topUp.amount_cents, 2_500),
      threshold: dollarsOf(topUp.threshold_cents, 500),
      monthly: dollarsOf(topUp.monthly_max_cents, 10_000),
    },
    check: (typed) =>
      Object.fromEntries(
        FIELDS.map(({ key, bounds }) => {
          const cents = centsOf(typed[key]);
          const fits = cents >= bounds.min && cents <= bounds.max;
          return [key, !fits && `Enter whole dollars from ${bounds.min / 100} to ${bounds.max / 100}.`];
        }),
      ),
    send: async ({ state, amount, threshold, monthly }) => {
      await writeTopUp({
        on: state === "on",
        amount_cents: centsOf(amount),
        threshold_cents: centsOf(threshold),
        monthly_max_cents: centsOf(monthly),
      });
      onSaved();
    },
    failed: "Couldn't change the automatic top-up",
    problemsOf: () => ({}),
  });
  return (
    <FormCard title="Automatic top-up" form={form} submit={{ label: "Save", busy: "Saving" }}>
      {topUp.failure && (
        <Notice tone="warning" title="Automatic top-up was turned off">
          <p>{FAILURES[topUp.failure]}</p>
        </Notice>
      )}
      <p className="max-w-[68ch] text-small text-ink-2">
        Credits are bought with the card of an earlier purchase. This month:{" "}
        <span className="fact">{f.dollars(topUp.month_cents * 10_000)}</span>
        {topUp.under_way && ", of which one payment is under way"}.
      </p>
      <div className="max-w-64">
        <Choice
          label="Automatic top-up"
          {...form.choice("state")}
          options={[
            { value: "off", name: "Off" },
            { value: "on", name: "On" },
          ]}
        />
      </div>
      <div className="grid grid-cols-3 items-start gap-4 max-md:grid-cols-1">
        {FIELDS.map(({ key, label, hint }) => (
          <Field
            key={key}
            label={label}
            {...form.field(key)}
            inputMode="numeric"
            autoComplete="off"
            hint={hint}
          />
        ))}
      </div>
      {form.done && <Notice tone="done" title="Saved" alert />}
    </FormCard>
  );
}
