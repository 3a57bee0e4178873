import type { Metadata } from "next";
import { forbidden } from "next/navigation";
import { BillingScreen } from "#components/settings/billing-screen.tsx";
import { api } from "#convex/_generated/api.js";
import type { Principal } from "#domain/principal.ts";
import { roleAtLeast } from "#domain/roles.ts";
import { canBuy } from "#server/billing/stripe.ts";
import { canTopUp } from "#server/billing/top-up.ts";
import { usageReport } from "#server/billing/usage.ts";
import { dataFor } from "#server/convex/client.ts";
import { pageMember } from "../../member.ts";

export const metadata: Metadata = { title: "Billing" };

/** As many days are shown at first. */
const DAYS = 30;

async function factsFor(member: Extract<Principal, { kind: "member" }>) {
  const [balance, usage] = await Promise.all([
    dataFor(member).query(api.credits.balance, {}),
    usageReport(member, DAYS),
  ]);
  return { balance, usage };
}

export default async function BillingPage({
  searchParams,
}: {
  searchParams: Promise<{ checkout?: string | string[] }>;
}) {
  const { member } = await pageMember("/settings/billing");
  if (!roleAtLeast(member.role, "member")) forbidden();
  const { checkout } = await searchParams;
  return (
    <BillingScreen
      facts={await factsFor(member)}
      isAdmin={roleAtLeast(member.role, "admin")}
      canBuy={canBuy()}
      canTopUp={canTopUp()}
      checkout={typeof checkout === "string" ? checkout : undefined}
    />
  );
}
