"use client";

import { FlaskConical, KeyRound, Wallet } from "lucide-react";
import Link from "next/link";
import type { ReactNode } from "react";

/** For a first visit without a key: three ways to start, and who pays for each. */
export function FirstVisit({ admin, onDemo }: { admin: boolean; onDemo: (() => void) | undefined }) {
  return (
    <section className="mb-6" aria-labelledby="first-visit" data-testid="first-visit">
      <h2 id="first-visit" className="label mb-2">
        Your first session: choose who pays
      </h2>
      <div className="grid gap-3 sm:grid-cols-3">
        {onDemo && (
          <PaymentOption
            icon={<FlaskConical className="i text-accent" aria-hidden="true" />}
            title="Try the demo model"
          >
            <p>A script plays the model, so you can see how a session works. Uses demo credits only.</p>
            <button type="button" className="btn btn-sm mt-2" onClick={onDemo}>
              Write a demo message
            </button>
          </PaymentOption>
        )}
        <PaymentOption
          icon={<KeyRound className="i text-accent" aria-hidden="true" />}
          title="Use your own key"
        >
          <p>
            The provider bills you; Studio adds nothing.{" "}
            {!admin && "An admin of your organization can add one."}
          </p>
          <Link className="btn btn-sm mt-2" href="/settings/providers">
            {admin ? "Add a key" : "View providers"}
          </Link>
        </PaymentOption>
        <PaymentOption icon={<Wallet className="i text-accent" aria-hidden="true" />} title="Use credits">
          <p>Each call is charged to your organization's credits.</p>
          <Link className="btn btn-sm mt-2" href="/settings/billing">
            View credits
          </Link>
        </PaymentOption>
      </div>
    </section>
  );
}

function PaymentOption({ icon, title, children }: { icon: ReactNode; title: string; children: ReactNode }) {
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
