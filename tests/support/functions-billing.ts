import { type Access, actor, member, service } from "./function-access.ts";

const act = { operator: { by: "o@studio.example", via: "page" }, reason: "r" };
const page = { paginationOpts: { numItems: 5, cursor: null } };

/** The functions of an organization's money: see functions.ts. */
export const BILLING_FUNCTIONS: Record<string, Access> = {
  "usageReports:page": member("member", "billing:read", "own", () => ({ from: "2026-01-01", ...page })),
  "usageReports:refunds": member("member", "billing:read", "own", () => ({ from: "2026-01-01" })),
  "credits:balance": member("member", "billing:read", "own"),
  "credits:ledger": member("admin", "billing:read", "own", () => page),
  "credits:grant": service(({ organizationId }) => ({
    organizationId,
    key: "k",
    amountMicroUsd: 1,
    description: "d",
  })),
  "credits:adjust": service(({ organizationId }) => ({
    ...act,
    organization: organizationId,
    key: "operator",
    amountMicroUsd: 1,
  })),
  "freezes:told": member("viewer", "sessions:read", "own"),
  // The second undoes what the first does to the world that all share.
  "freezes:freeze": service(({ organizationId }) => ({ ...act, organization: organizationId })),
  "freezes:thaw": service(({ organizationId }) => ({ ...act, organization: organizationId })),
  "operatorSessions:toEnd": service(({ sessionId }) => ({ sessionId })),
  "operatorSessions:end": service(({ sessionId }) => ({ ...act, sessionId })),
  "operatorReports:organizations": service(() => page),
  "operatorReports:search": service(() => ({ text: "ada" })),
  "operatorReports:organization": service(({ organizationId }) => ({ organization: organizationId })),
  "operatorReports:sessions": service(({ organizationId }) => ({
    organization: organizationId,
    status: "active",
    ...page,
  })),
  "operatorReports:overview": service(() => ({ now: 0 })),
  "operatorReports:audit": service(() => page),
  "monthlyLimits:list": member("member", "billing:read", "own", () => page),
  "monthlyLimits:get": member("member", "billing:read", "own", () => ({
    subject: "member",
    subjectId: "u",
  })),
  "monthlyLimits:subjects": member("admin", "billing:read", "own", () => ({ subject: "member", ...page })),
  "monthlyLimits:told": member("member", "billing:read", "own"),
  "monthlyLimits:set": member("admin", "billing:write", "not_found", ({ agentId }) => ({
    subject: "agent",
    subjectId: agentId,
    limitMicroUsd: 10_000,
  })),
  "monthlyLimits:remove": member("admin", "billing:write", "own", ({ agentId }) => ({
    subject: "agent",
    subjectId: agentId,
  })),
  "usage:release": service(() => ({ requestId: "r" })),
  "usage:renewHolds": service(() => ({ requestIds: [] })),
  "purchases:list": member("admin", "billing:read", "own", () => page),
  "purchases:buyer": actor("admin", "billing:write", "own"),
  "purchases:noteCustomer": service(({ organizationId }) => ({ organizationId, customerId: "cus_1" })),
  "purchases:begin": actor("admin", "billing:write", "own", () => ({
    checkoutId: "cs_1",
    amountMicroUsd: 5_000_000,
  })),
  "purchases:notePortal": actor("admin", "billing:write", "own"),
  "purchases:checkout": member("admin", "billing:read", "not_found", () => ({ checkoutId: "cs_0" })),
  "purchases:hasEvent": service(() => ({ eventId: "evt_1" })),
  "purchases:revision": service(() => ({ paymentId: "pi_1" })),
  "purchases:settle": service(() => ({
    paymentId: "pi_1",
    customerId: "cus_0",
    revision: 0,
    creditMicroUsd: 1,
    chargedCents: 1,
    returnedCents: 0,
    disputedCents: 0,
  })),
  "purchases:noteEvent": service(() => ({ eventId: "evt_1", type: "x" })),
  "purchases:noteCheckout": service(() => ({ checkoutId: "cs_0", state: "open", now: 0 })),
  "due:checkouts": service(() => ({ now: 0 })),
  "due:holds": service(() => ({ now: 0 })),
  "due:topUps": service(() => ({ now: 0 })),
  "topUps:get": member("admin", "billing:read", "own"),
  "topUps:set": member("admin", "billing:write", "own", () => ({
    isOn: false,
    amountCents: 500,
    thresholdCents: 100,
    monthlyMaxCents: 500,
  })),
  "topUps:customer": service(({ topUpPlanId }) => ({ planId: topUpPlanId })),
  "topUps:reserve": service(({ topUpPlanId }) => ({ planId: topUpPlanId, methodId: null })),
  "topUps:finish": service(({ topUpPlanId }) => ({
    planId: topUpPlanId,
    key: "k",
    result: { kind: "paid" },
  })),
  "due:meters": service(() => ({ now: 0 })),
  "usageReports:parts": member("member", "billing:read", "own", () => ({
    from: "2026-01-01",
    of: "session",
    ...page,
  })),
  // A foreign id is passed over, as one that there is not.
  "usageReports:names": member("member", "billing:read", "own", ({ sessionId }) => ({
    of: "session",
    ids: [sessionId],
  })),
  "sandboxMeters:month": member("member", "billing:read", "own"),
  "sandboxMeters:setTerms": service(() => ({ vcpuNanoUsd: 0, gbNanoUsd: 0, monthlyHours: 0 })),
  "sandboxMeters:seen": service(() => ({ sandboxId: "x", at: 0, ran: true, ended: false })),
};
