import { plural } from "../plural.ts";
import { kind } from "./kind.ts";

/** Buying credits, and what sandboxes cost. */
export const billing = {
  billing_off: kind(
    "not_ready",
    "Credits can't be bought here yet: the operator needs to set STRIPE_SECRET_KEY and STRIPE_WEBHOOK_SECRET. Use your own provider key in the meantime.",
  ),
  payments_unreachable: kind(
    "upstream_failed",
    "Stripe can't be reached. Nothing was charged; try again in a moment.",
  ),
  payments_refused: kind(
    "upstream_failed",
    ({ fault }: { fault: string }) => `Stripe refused the request: ${fault} Nothing was charged.`,
  ),
  limit_subject_not_found: kind("not_found", "Your organization has no such member, agent or API key."),
  limit_subject_missing: kind(
    "invalid_request",
    ({ subject }: { subject: string }) => `subject_id: name the ${subject.replace("api_key", "API key")}.`,
  ),
  checkout_not_found: kind("not_found", "Your organization has no such checkout."),
  billing_signature: kind(
    "unauthenticated",
    "The signature isn't Stripe's, or is older than five minutes. Check STRIPE_WEBHOOK_SECRET.",
  ),
  nothing_bought: kind(
    "not_ready",
    "Your organization hasn't bought anything yet, so there are no invoices and cards to manage.",
  ),
  top_up_tax: kind(
    "not_ready",
    "Automatic top-ups aren't available here, since the tax of a purchase is worked out on Stripe's page. Buy credits in Settings, Billing.",
  ),
  sandbox_credits: kind(
    "no_credits",
    "A sandbox's time is paid with credits, and none are left. Buy credits in Settings, Billing, or ask an admin. Saved work is kept.",
  ),
  sandbox_hours: kind(
    "session_limit",
    ({ hours }: { hours: number }) =>
      `This month's ${hours} sandbox ${plural(hours, "hour is", "hours are")} used up. New ones can be created next month (UTC), or once an admin raises the limit in Settings, Sessions. Saved work is kept.`,
  ),
};
