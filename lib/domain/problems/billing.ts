import { kind } from "./kind.ts";

/** Buying credits. */
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
};
