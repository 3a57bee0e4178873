"use client";

import { FlaskConical, KeyRound, Wallet } from "lucide-react";
import Link from "next/link";
import type { ReactNode } from "react";
import { start as t } from "../../lib/client/messages/start.ts";

/** For whoever is here for the first time and has no key: three ways to a first session, and who pays for each. */
export function FirstVisit({ admin, onDemo }: { admin: boolean; onDemo: (() => void) | undefined }) {
  return (
    <section className="mb-6" aria-labelledby="first-visit" data-testid="first-visit">
      <h2 id="first-visit" className="label mb-2">
        {t.yourFirstSessionChooseWho}
      </h2>
      <div className="grid gap-3 sm:grid-cols-3">
        {onDemo && (
          <Way icon={<FlaskConical className="i text-accent" aria-hidden="true" />} title={t.tryTheDemoModel}>
            <p>{t.aScriptPlaysTheModel}</p>
            <button type="button" className="btn btn-sm mt-2" onClick={onDemo}>
              {t.writeADemoMessage}
            </button>
          </Way>
        )}
        <Way icon={<KeyRound className="i text-accent" aria-hidden="true" />} title={t.bringAKey}>
          <p>
            {t.theProviderBillsYouStudio} {!admin && t.anAdminOfYourOrganization}
          </p>
          <Link className="btn btn-sm mt-2" href="/settings/providers">
            {admin ? t.addAKey : t.seeTheProviders}
          </Link>
        </Way>
        <Way icon={<Wallet className="i text-accent" aria-hidden="true" />} title={t.payWithCredits}>
          <p>{t.noKeyNeededEachCall}</p>
          <Link className="btn btn-sm mt-2" href="/settings/billing">
            {t.seeTheCredits}
          </Link>
        </Way>
      </div>
    </section>
  );
}

function Way({ icon, title, children }: { icon: ReactNode; title: string; children: ReactNode }) {
  return (
    <div className="card p-3 text-small text-ink-2">
      <h3 className="mb-1 flex items-center gap-2 text-base text-ink">
        {icon}
        {title}
      </h3>
      {children}
    </div>
  );
}
