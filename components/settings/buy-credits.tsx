"use client";

import { useAction } from "#client/action.ts";
import { openPortal, type Purchases, readCheckout, readPurchases, startCheckout } from "#client/billing.ts";
import { useForm } from "#client/form.ts";
import { leaveFor } from "#client/leave.ts";
import { useFormat } from "#client/locale.tsx";
import { useResource } from "#client/resource.ts";
import { PURCHASE_CENTS, type PurchaseState } from "#domain/purchases.ts";
import { Moment } from "../common/moment.tsx";
import { Button } from "../ui/button.tsx";
import { Card, CardHead } from "../ui/card.tsx";
import { Chip } from "../ui/chip.tsx";
import { type Column, DataTable } from "../ui/data-table.tsx";
import { Field } from "../ui/field.tsx";
import { FormCard } from "../ui/form-card.tsx";
import { Loaded, Loading } from "../ui/loaded.tsx";
import { Notice } from "../ui/notice.tsx";
import { ActionProblem } from "../ui/problem-notice.tsx";
import { segmentClass, segmentsClass } from "../ui/segments.tsx";

const AMOUNTS = [10, 25, 50, 100];
const MIN = PURCHASE_CENTS.min / 100;
const MAX = PURCHASE_CENTS.max / 100;
const CHECK_MS = 3_000;

/** Cents of what somebody typed, such as 25 or 12.50; not a number where it is no amount. */
function centsIn(text: string): number {
  const plain = text.trim().replace(/^\$/, "");
  return /^\d{1,7}(\.\d{1,2})?$/.test(plain) ? Math.round(Number(plain) * 100) : Number.NaN;
}

/** How many credits to buy, and the way to pay. */
export function BuyCredits() {
  const f = useFormat();
  const form = useForm({
    initial: { amount: "25" },
    check: ({ amount }) => {
      const cents = centsIn(amount);
      const fits = cents >= PURCHASE_CENTS.min && cents <= PURCHASE_CENTS.max;
      return { amount: !fits && `Enter an amount from $${MIN} to ${f.dollars(MAX * 1e6)}.` };
    },
    send: async ({ amount }) => await leaveFor(await startCheckout(centsIn(amount))),
    failed: "Couldn't start the checkout",
  });
  return (
    <FormCard title="Buy credits" form={form} submit={{ label: "Continue to payment", busy: "Opening" }}>
      <fieldset className={`${segmentsClass} justify-self-start`} aria-label="Amounts">
        {AMOUNTS.map((dollars) => (
          <button
            key={dollars}
            type="button"
            className={segmentClass}
            aria-pressed={centsIn(form.values.amount) === dollars * 100}
            onClick={() => form.set({ amount: String(dollars) })}
          >
            ${dollars}
          </button>
        ))}
      </fieldset>
      <Field
        label="Amount (US dollars)"
        {...form.field("amount")}
        inputMode="decimal"
        autoComplete="off"
        hint="One dollar is one dollar of credits. Tax, where it applies, comes on top."
      />
    </FormCard>
  );
}

/** How the checkout stands from which somebody came back. */
export function CheckoutNotice({ id }: { id: string }) {
  const f = useFormat();
  const { data, problem } = useResource(["checkout", id], async () => await readCheckout(id), {
    everyMs: CHECK_MS,
  });
  if (problem && !data)
    return (
      <Notice tone="warning" title="Couldn't check the payment">
        <p>{problem.message} Nothing is lost: credits are added once Stripe confirms the payment.</p>
      </Notice>
    );
  if (!data) return <Loading>Checking the payment</Loading>;
  const amount = f.dollars(data.amount_micro_usd);
  const shown = {
    paid: { tone: "done", title: `${amount} of credits added`, text: "Sessions on credits can go on." },
    processing: {
      tone: "info",
      title: "The payment is being processed",
      text: `${amount} of credits are added once the money has arrived. That can take a few days.`,
    },
    open: { tone: "info", title: "The checkout isn't paid yet", text: "Nothing was charged so far." },
    expired: {
      tone: "warning",
      title: "The checkout has expired",
      text: "Nothing was charged. Start again.",
    },
  } as const;
  const { tone, title, text } = shown[data.state];
  return (
    <Notice tone={tone} title={title} alert>
      <p>{text}</p>
    </Notice>
  );
}

type Purchase = Purchases["purchases"][number];
const STATES: Record<PurchaseState, { name: string; tone: "success" | "neutral" | "danger" }> = {
  paid: { name: "Paid", tone: "success" },
  returned: { name: "Refunded", tone: "neutral" },
  partly_returned: { name: "Partly refunded", tone: "neutral" },
  disputed: { name: "Disputed", tone: "danger" },
};

const COLUMNS: Column<Purchase>[] = [
  {
    name: "Time",
    className: "fact text-small whitespace-nowrap text-ink-2",
    isRowName: true,
    render: ({ created_at }) => <Moment at={Date.parse(created_at)} />,
  },
  {
    name: "State",
    render: ({ state }) => <Chip tone={STATES[state].tone}>{STATES[state].name}</Chip>,
  },
  {
    name: "Receipt",
    render: ({ receipt_url: url }) =>
      url !== null && (
        <a className="link" href={url} target="_blank" rel="noreferrer">
          Open
        </a>
      ),
  },
  { name: "Bought", num: true, render: ({ bought_micro_usd }) => <Dollars of={bought_micro_usd} /> },
  {
    name: "Taken back",
    num: true,
    render: ({ returned_micro_usd, disputed_micro_usd }) => (
      <Dollars of={returned_micro_usd + disputed_micro_usd} />
    ),
  },
];

function Dollars({ of }: { of: number }) {
  return <>{useFormat().dollars(of)}</>;
}

/** What was bought last, with the way to invoices and cards. */
export function PurchasesCard() {
  const read = useResource(["purchases"], readPurchases);
  const portal = useAction(
    async () => await leaveFor(await openPortal()),
    "Couldn't open invoices and cards",
  );
  return (
    <Card aria-labelledby="purchases">
      <CardHead id="purchases" title="Purchases">
        <Button size="sm" action={portal}>
          Invoices and cards
        </Button>
      </CardHead>
      <ActionProblem failure={portal.failure} />
      <Loaded
        resource={read}
        loading={<Loading>Loading the purchases</Loading>}
        failed="Couldn't load the purchases"
      >
        {({ purchases }) =>
          purchases.length === 0 ? (
            <p className="p-3.5 text-ink-2">No purchases yet.</p>
          ) : (
            <DataTable
              labelledBy="purchases"
              dense
              rows={purchases}
              columns={COLUMNS}
              rowKey={({ id }) => id}
            />
          )
        }
      </Loaded>
    </Card>
  );
}
