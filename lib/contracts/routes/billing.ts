import { z } from "zod";
import {
  checkoutBody,
  checkoutResponse,
  checkoutStateResponse,
  creditsResponse,
  ledgerQuery,
  ledgerResponse,
  portalResponse,
  purchasesResponse,
  topUpBody,
  topUpResponse,
  usageQuery,
  usageResponse,
} from "../billing.ts";
import { idParam, type RouteTable } from "../route.ts";
import { pageQuery } from "../sessions.ts";

const read = { scope: "billing:read" } as const;
const write = { scope: "billing:write" } as const;

/** What an organization has, has used, and buys. */
export const BILLING_ROUTES = {
  "GET /api/v1/credits": {
    id: "getCredits",
    tag: "Billing",
    summary: "Get the credit balance",
    access: read,
    response: { status: 200, json: creditsResponse },
  },
  "GET /api/v1/credits/ledger": {
    id: "listLedger",
    tag: "Billing",
    summary: "List ledger entries",
    description:
      "Newest first. With `format=csv` it is a download of at most 1,000 rows; where there are more, the `Link` header names the next part.",
    access: read,
    query: ledgerQuery,
    response: {
      status: 200,
      json: ledgerResponse,
      or: [{ media: "text/csv", text: "The same entries, one a line, below a line of column names." }],
    },
  },
  "GET /api/v1/usage": {
    id: "getUsage",
    tag: "Billing",
    summary: "Get usage",
    description: "What model calls of the last days used and cost, by day (UTC), model and payer.",
    access: read,
    query: usageQuery,
    response: { status: 200, json: usageResponse },
  },
  "POST /api/v1/credits/checkout": {
    id: "startCheckout",
    tag: "Billing",
    summary: "Buy credits",
    description:
      "Begins a checkout at Stripe, where the person pays. Credits are there once Stripe says that the money is.",
    access: write,
    body: checkoutBody,
    example: { amount_cents: 2_500 },
    errors: ["not_ready", "upstream_failed"],
    response: { status: 201, json: checkoutResponse },
  },
  "GET /api/v1/credits/checkout/{id}": {
    id: "getCheckout",
    tag: "Billing",
    summary: "Get a checkout",
    description: "Asks Stripe, and enters what was paid if its message hasn't come yet.",
    access: read,
    params: z.object({ id: idParam }),
    errors: ["not_ready", "upstream_failed"],
    response: { status: 200, json: checkoutStateResponse },
  },
  "GET /api/v1/credits/purchases": {
    id: "listPurchases",
    tag: "Billing",
    summary: "List purchases",
    description: "Newest first, with what was refunded or is disputed.",
    access: read,
    query: pageQuery,
    response: { status: 200, json: purchasesResponse },
  },
  "GET /api/v1/credits/top-up": {
    id: "getTopUp",
    tag: "Billing",
    summary: "Get the automatic top-up",
    access: read,
    response: { status: 200, json: topUpResponse },
  },
  "PUT /api/v1/credits/top-up": {
    id: "setTopUp",
    tag: "Billing",
    summary: "Set the automatic top-up",
    description:
      "Credits are bought with the card of an earlier purchase. A card that is declined, or whose bank asks its owner, turns it off.",
    access: write,
    body: topUpBody,
    example: { on: true, amount_cents: 2_500, threshold_cents: 500, monthly_max_cents: 10_000 },
    errors: ["not_ready"],
    response: { status: 200, json: topUpResponse },
  },
  "POST /api/v1/credits/portal": {
    id: "openPortal",
    tag: "Billing",
    summary: "Open invoices and cards",
    description: "A page of Stripe's for the organization's invoices, tax id and saved cards.",
    access: write,
    errors: ["not_ready", "upstream_failed"],
    response: { status: 201, json: portalResponse },
  },
} as const satisfies RouteTable;
