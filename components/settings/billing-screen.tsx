"use client";

import Link from "next/link";
import { useFormat } from "#client/locale.tsx";
import { type Balance, useBalance } from "#client/live-settings.ts";
import type { UsageReport } from "#client/settings.ts";
import { Card } from "../ui/card.tsx";
import { cn } from "../ui/cn.ts";
import { ErrorBoundary } from "../ui/error-boundary.tsx";
import { Live } from "../ui/live.tsx";
import { meterClass } from "../ui/meter.tsx";
import { Notice } from "../ui/notice.tsx";
import { BuyCredits, CheckoutNotice, PurchasesCard } from "./buy-credits.tsx";
import { Ledger } from "./ledger.tsx";
import { MonthCard } from "./month-card.tsx";
import { PageHead } from "./page-head.tsx";
import { TopUpCard } from "./top-up-card.tsx";
import { UsageCard } from "./usage-card.tsx";

/** What the page is opened with. */
interface BillingFacts {
  balance: Balance;
  usage: UsageReport;
}

/** The organization's money: what there is, what was used, and each entry. */
export function BillingScreen({
  facts,
  isAdmin,
  canBuy,
  canTopUp,
  checkout,
}: {
  facts: BillingFacts;
  isAdmin: boolean;
  /** Whether the operator sells credits. */
  canBuy: boolean;
  /** Whether they can be bought without a person. */
  canTopUp: boolean;
  /** The checkout from which somebody came back. */
  checkout: string | undefined;
}) {
  return (
    <>
      <PageHead title="Billing">
        Credits pay for models you don't have a key for, and for sandboxes where they cost something. With
        your own keys, you pay the provider directly.
      </PageHead>
      <div className="grid grid-cols-[minmax(0,1fr)] gap-5">
        {checkout !== undefined && isAdmin && canBuy && <CheckoutNotice id={checkout} />}
        <div className="grid grid-cols-[minmax(0,1fr)_380px] items-start gap-5 max-lg:grid-cols-[minmax(0,1fr)]">
          <ErrorBoundary fallback={<BalanceCard balance={facts.balance} />}>
            <LiveBalance initial={facts.balance} />
          </ErrorBoundary>
          <Buying isAdmin={isAdmin} canBuy={canBuy} />
        </div>
        <MonthCard month={facts.usage.month} />
        <UsageCard initial={facts.usage} />
        {isAdmin && canBuy && <PurchasesCard />}
        {isAdmin && canTopUp && <TopUpCard />}
        {isAdmin ? (
          <Live refused="Couldn't load the ledger" meanwhile="nothing is lost">
            <Ledger />
          </Live>
        ) : (
          <Notice tone="info" title="Only admins can see the ledger">
            <p>All members see balance and usage; admins also see individual entries.</p>
          </Notice>
        )}
      </div>
    </>
  );
}

/** How credits are bought, or who can have them bought. */
function Buying({ isAdmin, canBuy }: { isAdmin: boolean; canBuy: boolean }) {
  if (canBuy && isAdmin) return <BuyCredits />;
  const providers = (
    <Link className="link" href="/settings/providers">
      Providers
    </Link>
  );
  if (canBuy)
    return (
      <Notice tone="info" title="Only admins can buy credits">
        <p>Ask an admin of your organization, or add your own provider key under {providers}.</p>
      </Notice>
    );
  return (
    <Notice tone="info" title="Credits can't be bought yet">
      <p>
        The operator needs to set <span className="fact">STRIPE_SECRET_KEY</span> and{" "}
        <span className="fact">STRIPE_WEBHOOK_SECRET</span>. Until then, use your own provider keys: add them
        under {providers}.
      </p>
    </Notice>
  );
}

/** The part of the credits that calls in progress hold. */
const heldClass = "block h-full bg-accent-soft bg-(image:--hatch) inset-ring inset-ring-accent-line";

function LiveBalance({ initial }: { initial: Balance }) {
  return <BalanceCard balance={useBalance(initial)} />;
}

function BalanceCard({ balance }: { balance: Balance }) {
  const f = useFormat();
  const { balanceMicroUsd, heldMicroUsd } = balance;
  const free = balanceMicroUsd - heldMicroUsd;
  const reservedShare = balanceMicroUsd > 0 ? Math.min(1, heldMicroUsd / balanceMicroUsd) : 0;
  return (
    <Card className="p-4" aria-labelledby="balance" data-testid="balance">
      <h2 id="balance" className="label">
        Available credits
      </h2>
      <p className="mt-0.5 flex flex-wrap items-baseline gap-x-3">
        <span className={`fact text-display leading-9 tracking-tight ${free <= 0 ? "text-danger" : ""}`}>
          {f.dollars(Math.max(0, free))}
        </span>
        <span className="text-ink-2">
          of <span className="fact">{f.dollars(balanceMicroUsd)}</span>, with{" "}
          <span className="fact">{f.dollars(heldMicroUsd)}</span> reserved for calls in progress
        </span>
      </p>
      <div className={cn(meterClass, "mt-3 h-3")} aria-hidden="true">
        <span
          className="block h-full bg-accent-fill"
          style={{ width: `${free > 0 ? (1 - reservedShare) * 100 : 0}%` }}
        />
        <span className={heldClass} style={{ width: `${reservedShare * 100}%` }} />
      </div>
      <p className="mt-2 flex flex-wrap gap-x-4 text-small text-ink-2">
        <span className="flex items-center gap-1.5">
          <span
            className="inline-block size-2.5 flex-none bg-accent-fill forced-color-adjust-none"
            aria-hidden="true"
          />
          Available
        </span>
        <span className="flex items-center gap-1.5">
          <span className={cn(meterClass, "inline-block size-2.5 flex-none")} aria-hidden="true">
            <span className={cn(heldClass, "w-full")} />
          </span>
          Reserved until the call is settled
        </span>
      </p>
      {free <= 0 && (
        <p className="mt-2 text-small text-ink-2">
          No credits left: sessions on credits pause before their next model call.
        </p>
      )}
    </Card>
  );
}
