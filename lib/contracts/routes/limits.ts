import {
  monthlyLimitQuery,
  monthlyLimitResponse,
  monthlyLimitsResponse,
  putMonthlyLimitBody,
} from "../monthly-limits.ts";
import type { RouteTable } from "../route.ts";
import { pageQuery } from "../sessions.ts";

const write = { scope: "billing:write" } as const;

/** What may be spent in a calendar month. */
export const LIMIT_ROUTES = {
  "GET /api/v1/limits": {
    id: "listLimits",
    tag: "Billing",
    summary: "List monthly limits",
    description:
      "Admins get all of them; members those of the organization, of agents, of their own, and of their keys.",
    access: { scope: "billing:read" },
    query: pageQuery,
    response: { status: 200, json: monthlyLimitsResponse },
  },
  "PUT /api/v1/limits": {
    id: "setLimit",
    tag: "Billing",
    summary: "Set a monthly limit",
    description:
      "For the organization, a member, an agent, or an API key: what their model calls may cost in each calendar month (UTC). Calls on own keys count as calls on credits do. Runs that wait for the limit go on where it leaves room.",
    access: write,
    body: putMonthlyLimitBody,
    example: { subject: "organization", limit_micro_usd: 250_000_000 },
    errors: ["not_found"],
    response: { status: 200, json: monthlyLimitResponse },
  },
  "DELETE /api/v1/limits": {
    id: "removeLimit",
    tag: "Billing",
    summary: "Remove a monthly limit",
    access: write,
    query: monthlyLimitQuery,
    response: { status: 204 },
  },
} as const satisfies RouteTable;
