"use client";

import Link from "next/link";
import { useFormat } from "../../lib/client/locale.tsx";
import { type Balance, useBalance } from "../../lib/client/live-settings.ts";
import type { UsageReport } from "../../lib/client/settings.ts";
import { ErrorBoundary } from "../ui/error-boundary.tsx";
import { Notice } from "../ui/notice.tsx";
import { Ledger } from "./ledger.tsx";
import { PageHead } from "./page-head.tsx";
import { UsageCard } from "./usage-card.tsx";
import { billing as t } from "../../lib/client/messages/billing.ts";
import { Rich } from "../ui/rich.tsx";

/** What the page is opened with. */
interface BillingFacts {
  balance: Balance;
  usage: UsageReport;
}

/** The organization's money: what there is, what was used, and each entry. */
export function BillingScreen({ facts, seesLedger }: { facts: BillingFacts; seesLedger: boolean }) {
  return (
    <>
      <PageHead title={t.billing}>{t.creditsPayForModelsYou}</PageHead>
      <div className="grid grid-cols-[minmax(0,1fr)] gap-5">
        <div className="grid grid-cols-[minmax(0,1fr)_380px] items-start gap-5 max-lg:grid-cols-[minmax(0,1fr)]">
          <ErrorBoundary fallback={<BalanceCard balance={facts.balance} />}>
            <LiveBalance initial={facts.balance} />
          </ErrorBoundary>
          <Notice tone="info" title={t.topUpIsOff}>
            <p>
              <Rich
                text={t.itNeedsTheOperatorsStripe}
                parts={{
                  providers: (
                    <Link className="link" href="/settings/providers">
                      {t.providers}
                    </Link>
                  ),
                }}
              />
            </p>
          </Notice>
        </div>
        <UsageCard initial={facts.usage} />
        {seesLedger ? (
          <ErrorBoundary
            fallback={
              <Notice tone="warning" title={t.theLedgerCannotBeShown}>
                <p>{t.theLiveConnectionWasRefused}</p>
              </Notice>
            }
          >
            <Ledger />
          </ErrorBoundary>
        ) : (
          <Notice tone="info" title={t.theLedgerIsTheAdmins}>
            <p>{t.balanceAndUsageAreFor}</p>
          </Notice>
        )}
      </div>
    </>
  );
}

function LiveBalance({ initial }: { initial: Balance }) {
  return <BalanceCard balance={useBalance(initial)} />;
}

function BalanceCard({ balance }: { balance: Balance }) {
  const f = useFormat();
  const { balanceMicroUsd, heldMicroUsd } = balance;
  const free = balanceMicroUsd - heldMicroUsd;
  const heldShare = balanceMicroUsd > 0 ? Math.min(1, heldMicroUsd / balanceMicroUsd) : 0;
  return (
    <section className="card p-4" aria-labelledby="balance" data-testid="balance">
      <h2 id="balance" className="label">
        {t.creditsYouCanSpend}
      </h2>
      <p className="mt-0.5 flex flex-wrap items-baseline gap-x-3">
        <span className={`fact text-display leading-9 tracking-tight ${free <= 0 ? "text-madder" : ""}`}>
          {f.dollars(Math.max(0, free))}
        </span>
        <span className="text-ink-2">
          <Rich
            text={t.ofBalanceWithHeldHeld}
            parts={{
              balance: <span className="fact">{f.dollars(balanceMicroUsd)}</span>,
              held: <span className="fact">{f.dollars(heldMicroUsd)}</span>,
            }}
          />
        </span>
      </p>
      <div className="meter mt-3 h-3!" aria-hidden="true">
        <span style={{ width: `${free > 0 ? (1 - heldShare) * 100 : 0}%` }} />
        <span className="held" style={{ width: `${heldShare * 100}%` }} />
      </div>
      <p className="mt-2 flex flex-wrap gap-x-4 text-small text-ink-2">
        <span className="flex items-center gap-1.5">
          <span className="swatch bg-accent-fill" aria-hidden="true" />
          {t.free}
        </span>
        <span className="flex items-center gap-1.5">
          <span className="meter swatch h-2.5!" aria-hidden="true">
            <span className="held w-full" />
          </span>
          {t.heldUntilTheCallIs}
        </span>
      </p>
      {free <= 0 && <p className="mt-2 text-small text-ink-2">{t.thereIsNothingLeftTo}</p>}
    </section>
  );
}
