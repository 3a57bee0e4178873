"use client";

import { FlaskConical, KeyRound, type LucideIcon, Wallet } from "lucide-react";
import type { ReactNode } from "react";
import { Button, ButtonLink } from "../ui/button.tsx";
import { cardClass } from "../ui/card.tsx";
import { cn } from "../ui/cn.ts";
import { Icon } from "../ui/icon.tsx";

/** For a first visit without a key: three ways to start, and who pays for each. */
export function FirstVisit({ admin, onDemo }: { admin: boolean; onDemo: (() => void) | undefined }) {
  return (
    <section className="mb-6" aria-labelledby="first-visit" data-testid="first-visit">
      <h2 id="first-visit" className="label mb-2">
        Your first session: choose who pays
      </h2>
      <div className="grid gap-3 sm:grid-cols-3">
        {onDemo && (
          <PaymentOption icon={FlaskConical} title="Try the demo model">
            <p>A script plays the model, so you can see how a session works. Uses demo credits only.</p>
            <Button size="sm" className="mt-2" onClick={onDemo}>
              Write a demo message
            </Button>
          </PaymentOption>
        )}
        <PaymentOption icon={KeyRound} title="Use your own key">
          <p>
            The provider bills you; Studio adds nothing.{" "}
            {!admin && "An admin of your organization can add one."}
          </p>
          <ButtonLink size="sm" className="mt-2" href="/settings/providers">
            {admin ? "Add a key" : "View providers"}
          </ButtonLink>
        </PaymentOption>
        <PaymentOption icon={Wallet} title="Use credits">
          <p>Each call is charged to your organization's credits.</p>
          <ButtonLink size="sm" className="mt-2" href="/settings/billing">
            View credits
          </ButtonLink>
        </PaymentOption>
      </div>
    </section>
  );
}

function PaymentOption({ icon, title, children }: { icon: LucideIcon; title: string; children: ReactNode }) {
  return (
    <div className={cn(cardClass, "p-3 text-small text-ink-2")}>
      <h3 className="mb-1 flex items-center gap-2 text-base text-ink">
        <Icon as={icon} className="text-accent" />
        {title}
      </h3>
      {children}
    </div>
  );
}
