const own = (body?: unknown) => ({ body, foreign: "own" as const });

/** What the routes of an organization's settings are called with in every-route.test.ts. */
export const ORGANIZATION_PROBES = {
  "GET /api/v1/support-access": own(),
  "POST /api/v1/support-access": own({ hours: 1, reason: "A ticket" }),
  "DELETE /api/v1/support-access": own(),
  "GET /api/v1/retention-preview": own(),
  "GET /api/v1/settings": own(),
  "GET /api/v1/settings/{key}": own(),
  "PUT /api/v1/settings/{key}": own({ value: 15 }),
};
