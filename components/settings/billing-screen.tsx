"use client";

import Link from "next/link";
import { dollars } from "../../lib/client/format.ts";
import { type Balance, useBalance } from "../../lib/client/live-settings.ts";
import type { UsageReport } from "../../lib/client/settings.ts";
import { ErrorBoundary } from "../ui/error-boundary.tsx";
import { Notice } from "../ui/notice.tsx";
import { Ledger } from "./ledger.tsx";
import { PageHead } from "./page-head.tsx";
import { UsageCard } from "./usage-card.tsx";

/** What the page is opened with. */
export interface BillingFacts {
  balance: Balance;
  usage: UsageReport;
}

/** The organization's money: what there is, what was used, and each entry. */
export function BillingScreen({
  facts,
  seesLedger,
}: {
  /** Undefined where the reader may not see it. */
  facts: BillingFacts | undefined;
  seesLedger: boolean;
}) {
  return (
    <>
      <PageHead title="Billing">
        Credits pay for models you have no key for. Sessions on your own keys are paid to the provider.
      </PageHead>
      {facts ? (
        <div className="grid grid-cols-[minmax(0,1fr)] gap-5">
          <div className="grid grid-cols-[minmax(0,1fr)_380px] items-start gap-5 max-lg:grid-cols-[minmax(0,1fr)]">
            <ErrorBoundary fallback={<BalanceCard balance={facts.balance} />}>
              <LiveBalance initial={facts.balance} />
            </ErrorBoundary>
            <Notice tone="info" title="Top-up is off">
              <p>
                It needs the operator's Stripe key, which is not set here. Whoever runs Studio sets it. Until
                then, keys of your own pay for models: add them under{" "}
                <Link className="link" href="/settings/providers">
                  Providers
                </Link>
                .
              </p>
            </Notice>
          </div>
          <UsageCard initial={facts.usage} />
          {seesLedger ? (
            <ErrorBoundary
              fallback={
                <Notice tone="warning" title="The ledger cannot be shown">
                  <p>The live connection was refused. Reload the page to try again; nothing in it is lost.</p>
                </Notice>
              }
            >
              <Ledger />
            </ErrorBoundary>
          ) : (
            <Notice tone="info" title="The ledger is the admins'">
              <p>Balance and usage are for every member; admins see the single entries too.</p>
            </Notice>
          )}
        </div>
      ) : (
        <Notice tone="info" title="Viewers do not see billing">
          <p>Members see balance and usage, admins the ledger too. Ask an admin for the role.</p>
        </Notice>
      )}
    </>
  );
}

function LiveBalance({ initial }: { initial: Balance }) {
  return <BalanceCard balance={useBalance(initial)} />;
}

function BalanceCard({ balance }: { balance: Balance }) {
  const { balanceMicroUsd, heldMicroUsd } = balance;
  const free = balanceMicroUsd - heldMicroUsd;
  const heldShare = balanceMicroUsd > 0 ? Math.min(1, heldMicroUsd / balanceMicroUsd) : 0;
  return (
    <section className="card p-4" aria-labelledby="balance" data-testid="balance">
      <h2 id="balance" className="label">
        Credits you can spend
      </h2>
      <p className="mt-0.5 flex flex-wrap items-baseline gap-x-3">
        <span className={`fact text-display leading-9 tracking-tight ${free <= 0 ? "text-madder" : ""}`}>
          {dollars(Math.max(0, free))}
        </span>
        <span className="text-ink-2">
          of <span className="fact">{dollars(balanceMicroUsd)}</span>, with{" "}
          <span className="fact">{dollars(heldMicroUsd)}</span> held for calls under way
        </span>
      </p>
      <div className="meter mt-3 h-3!" aria-hidden="true">
        <span style={{ width: `${free > 0 ? (1 - heldShare) * 100 : 0}%` }} />
        <span className="held" style={{ width: `${heldShare * 100}%` }} />
      </div>
      <p className="mt-2 flex flex-wrap gap-x-4 text-small text-ink-2">
        <span className="flex items-center gap-1.5">
          <span className="swatch bg-accent-fill" aria-hidden="true" />
          Free
        </span>
        <span className="flex items-center gap-1.5">
          <span className="meter swatch h-2.5!" aria-hidden="true">
            <span className="held w-full" />
          </span>
          Held until the call is settled
        </span>
      </p>
      {free <= 0 && (
        <p className="mt-2 text-small text-ink-2">
          There is nothing left to spend: sessions on credits pause before their next model call.
        </p>
      )}
    </section>
  );
}
