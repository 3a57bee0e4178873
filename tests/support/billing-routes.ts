const own = (body?: unknown) => ({ body, foreign: "own" as const });

/** What the routes of an organization's money are called with in tests/integration/every-route.test.ts. */
export const BILLING_PROBES = {
  "GET /api/v1/credits": own(),
  "GET /api/v1/credits/ledger": own(),
  "POST /api/v1/credits/checkout": own({ amount_cents: 500 }),
  "GET /api/v1/credits/checkout/{id}": { body: undefined, foreign: "not_found" as const },
  "GET /api/v1/credits/purchases": own(),
  "POST /api/v1/credits/portal": own(),
  "GET /api/v1/limits": own(),
  "PUT /api/v1/limits": own({ subject: "organization", limit_micro_usd: 900_000_000 }),
  "DELETE /api/v1/limits": own(),
  "GET /api/v1/credits/top-up": own(),
  "PUT /api/v1/credits/top-up": own({
    on: false,
    amount_cents: 500,
    threshold_cents: 100,
    monthly_max_cents: 500,
  }),
  "GET /api/v1/usage": own(),
};
