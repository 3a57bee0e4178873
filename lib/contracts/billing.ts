import { z } from "zod";
import { csvQuery, fitsPage, TOO_MANY_ROWS } from "./csv.ts";
import { LEDGER_KINDS } from "#domain/ledger.ts";
import { TOP_UP_CENTS, TOP_UP_FAILURES } from "#domain/top-up.ts";
import { CHECKOUT_STATES, PURCHASE_CENTS, PURCHASE_STATES } from "#domain/purchases.ts";

/** `GET /api/v1/credits`. Money is integer micro-USD. */
export const creditsResponse = z.object({
  balance_micro_usd: z.number().int(),
  held_micro_usd: z.number().int(),
  available_micro_usd: z.number().int(),
  spent_micro_usd: z.number().int().describe("What was spent this month (UTC), less what was given back."),
});

export const ledgerEntrySchema = z.object({
  id: z.string(),
  kind: z.enum(LEDGER_KINDS),
  delta_micro_usd: z.number().int(),
  balance_after_micro_usd: z.number().int(),
  description: z.string(),
  session_id: z.string().nullable(),
  created_at: z.string(),
});

/** Query of `GET /api/v1/credits/ledger`. */
export const ledgerQuery = z
  .object({ ...csvQuery, kind: z.enum(LEDGER_KINDS).optional().describe("Entries of this kind alone.") })
  .refine(fitsPage, TOO_MANY_ROWS);

/** `GET /api/v1/credits/ledger`, newest first. */
export const ledgerResponse = z.object({
  entries: z.array(ledgerEntrySchema),
  next_cursor: z.string().nullable(),
});

/** Query of `GET /api/v1/usage`: how many days, today included (UTC's), and whether each person stands alone. */
export const usageQuery = z.object({
  days: z.coerce.number().int().min(1).max(90).default(30).describe("Today included, in UTC."),
  by: z
    .enum(["member", "session", "agent"])
    .optional()
    .describe("`member`: each person's calls stand alone. `session`, `agent`: adds `parts`."),
});

const sums = {
  calls: z.number().int(),
  input_tokens: z.number().int(),
  cached_tokens: z.number().int(),
  output_tokens: z.number().int(),
  cost_micro_usd: z.number().int(),
  estimated_calls: z
    .number()
    .int()
    .describe("Calls whose cost is what they could cost, since the provider's figures were absent or odd."),
  unpriced_calls: z
    .number()
    .int()
    .describe("Calls whose cost is not known, since no admin has set a price: they count as 0."),
  sandbox_seconds: z.number().int().describe("How long sandboxes ran, up to their last count."),
};

/** How a month (UTC) has gone so far, and how it is likely to end. */
const monthSchema = z.object({
  month: z.string().describe("Such as 2026-11, in UTC."),
  spent_micro_usd: z.number().int(),
  forecast_micro_usd: z
    .number()
    .int()
    .nullable()
    .describe(
      "What was spent, and for the rest of the month the mean of the last 7 whole days. Null with fewer than 3 days to go by.",
    ),
  spent_credits_micro_usd: z.number().int().describe("What of it credits paid for."),
  forecast_credits_micro_usd: z.number().int().nullable(),
  basis_days: z.number().int().describe("Whole days that the mean is of, at most 7."),
  sandbox_seconds: z.number().int().describe("How long sandboxes ran this month."),
  sandbox_hours_limit: z
    .number()
    .int()
    .nullable()
    .describe("How long they may; null where nothing limits it."),
});

/**
 * Calls of one day to one model, by who paid, and by who sent the messages where asked for. `cached_tokens` are part of
 * `input_tokens`. The time of sandboxes has `sandbox` as its provider, and their size as its model.
 */
const usageGroupSchema = z.object({
  day: z.iso.date(),
  provider: z.string(),
  model: z.string(),
  key_source: z.enum(["platform", "direct", "openrouter"]),
  user_id: z.string().nullable().optional().describe("With `by=member`; null if no member was recorded."),
  user_name: z.string().nullable().optional(),
  ...sums,
});

/** `GET /api/v1/usage`, newest day first. Where `complete` is false, calls before `counted_from` were left out. */
export const usageResponse = z.object({
  from: z.iso.date(),
  to: z.iso.date(),
  calls: z.number().int(),
  complete: z.boolean(),
  counted_from: z.string().nullable().describe("Where not complete: calls before this moment were left out."),
  usage: z.array(usageGroupSchema),
  month: monthSchema,
  parts: z
    .array(
      z.object({
        id: z.string(),
        name: z.string().nullable().describe("Null where there is none of that id any longer."),
        ...sums,
      }),
    )
    .optional()
    .describe("With `by=session` or `by=agent`: the dearest of them, at most 100."),
  others: z.object(sums).nullable().optional().describe("What is behind those; null where that is nothing."),
  refunded_micro_usd: z
    .number()
    .int()
    .describe(
      "Credits that were given back in these days. `cost_micro_usd` is what was charged, without that.",
    ),
  refunds: z
    .array(
      z.object({
        day: z.iso.date().describe("When they were given back, in UTC: the calls may be of the day before."),
        refunds: z.number().int().describe("Entries of the ledger."),
        amount_micro_usd: z.number().int(),
      }),
    )
    .describe("The same by day, newest first, of the whole organization."),
});

/** `GET /api/v1/agents/{id}/usage`, newest day first; days without any are left out. */
export const agentUsageResponse = z.object({
  from: z.iso.date(),
  to: z.iso.date(),
  runs: z.number().int().describe("Runs that were asked for in these days."),
  ...sums,
  days: z.array(z.object({ day: z.iso.date(), runs: z.number().int(), ...sums })),
});
export const agentUsageQuery = usageQuery.omit({ by: true });

/** `POST /api/v1/credits/checkout`: what is to be bought, in cents of a US dollar, without tax. */
export const checkoutBody = z.strictObject({
  amount_cents: z.number().int().min(PURCHASE_CENTS.min).max(PURCHASE_CENTS.max),
});
export const checkoutResponse = z.object({
  id: z.string(),
  url: z.url().describe("Where the person pays. It is open for 24 hours."),
});

/** `GET /api/v1/credits/checkout/{id}`: how it stands at Stripe at this moment. */
export const checkoutStateResponse = z.object({
  id: z.string(),
  state: z.enum(CHECKOUT_STATES),
  amount_micro_usd: z.number().int(),
});

/** `GET /api/v1/credits/purchases`, newest first. The sum of the three is what the payment has brought. */
export const purchasesResponse = z.object({
  purchases: z.array(
    z.object({
      id: z.string(),
      state: z.enum(PURCHASE_STATES),
      bought_micro_usd: z.number().int(),
      returned_micro_usd: z.number().int().describe("What was refunded, negative."),
      disputed_micro_usd: z.number().int().describe("What a bank has taken back, negative."),
      receipt_url: z.string().nullable(),
      created_at: z.string(),
    }),
  ),
  next_cursor: z.string().nullable(),
});

const cents = ({ min, max }: { min: number; max: number }) => z.number().int().min(min).max(max);

/** `PUT /api/v1/credits/top-up`. Cents of a US dollar, without tax. */
export const topUpBody = z.strictObject({
  on: z.boolean(),
  amount_cents: cents(TOP_UP_CENTS.amount).describe("What is bought each time."),
  threshold_cents: cents(TOP_UP_CENTS.threshold).describe(
    "It is bought once what is available is at this or below.",
  ),
  monthly_max_cents: cents(TOP_UP_CENTS.monthly).describe("The most that is bought so in a month (UTC)."),
});

/** `GET /api/v1/credits/top-up`: null where nobody has set it yet. */
export const topUpResponse = z.object({
  on: z.boolean(),
  amount_cents: z.number().int().nullable(),
  threshold_cents: z.number().int().nullable(),
  monthly_max_cents: z.number().int().nullable(),
  month_cents: z.number().int().describe("What was topped up this month, or is under way."),
  under_way: z.boolean(),
  failure: z
    .enum(TOP_UP_FAILURES)
    .nullable()
    .describe("Why it was turned off by itself; null where it wasn't."),
});

/** `POST /api/v1/credits/portal`: where invoices and cards are managed. */
export const portalResponse = z.object({ url: z.url() });
