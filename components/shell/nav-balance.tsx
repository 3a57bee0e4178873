"use client";

import Link from "next/link";
import { useBalance } from "#client/live-settings.ts";
import { useFormat } from "#client/locale.tsx";
import { Hint } from "../ui/hint.tsx";

/** The organization's credits at a glance, as they change; nothing until they are there. Only members may see it. */
export function NavBalance() {
  const f = useFormat();
  const balance = useBalance(null);
  if (!balance) return null;
  const { balanceMicroUsd, heldMicroUsd, spentMicroUsd } = balance;
  const free = Math.max(0, balanceMicroUsd - heldMicroUsd);
  const rest = `of credits available, ${f.dollars(heldMicroUsd)} reserved, ${f.dollars(spentMicroUsd)} spent this month`;
  return (
    <Hint text={`${f.dollars(free)} ${rest}`} side="right">
      <Link
        href="/settings/billing"
        data-testid="nav-balance"
        className={`fact flex min-h-6 w-11 items-center justify-center rounded-sm text-[11px] tracking-tight hover:bg-hover max-sm:hidden ${free === 0 && spentMicroUsd > 0 ? "text-danger" : "text-ink-2"}`}
      >
        {f.shortDollars(free)}
        <span className="sr-only"> {rest}</span>
      </Link>
    </Hint>
  );
}
