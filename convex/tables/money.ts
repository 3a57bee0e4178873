import { defineTable } from "convex/server";
import { v } from "convex/values";
import {
  callPurpose,
  countedApart,
  keySource,
  ledgerKind,
  limitSubject,
  ofSession,
  spent,
} from "../model/values.ts";

/** Whose a call is: a session's, or a person's own, who may have made it with a key. */
const ofCall = {
  organizationId: v.id("organizations"),
  /** Without it no session has to do with the call. */
  sessionId: v.optional(v.id("sandboxSessions")),
  /** Why a person has had it made; without it an agent has. */
  purpose: v.optional(callPurpose),
};

/** What model calls used, and what they cost. */
export const moneyTables = {
  /**
   * What a session has used and what is held for its calls under way: it changes with each model call, so it stands
   * apart from the session's own row, which lists read. Integer micro-USD; `cached` tokens are part of `input`.
   */
  sessionTotals: defineTable({
    ...ofSession,
    totalInputTokens: v.number(),
    totalCachedTokens: v.number(),
    totalOutputTokens: v.number(),
    totalCostMicroUsd: v.number(),
    totalCreditsConsumed: v.number(),
    heldMicroUsd: v.number(),
  })
    .index("by_session", ["sessionId"])
    .index("by_organization", ["organizationId"]),

  usageRecords: defineTable({
    ...ofCall,
    runId: v.optional(v.id("runs")),
    /** Who sent the message that the call was made for, or had it made. */
    userId: v.optional(v.id("users")),
    /** The key with which somebody had it made. */
    keyId: v.optional(v.id("apiKeys")),
    requestId: v.string(),
    provider: v.string(),
    model: v.string(),
    keySource,
    ...spent,
    /** True where the provider's figures were absent or odd: the cost is what the call could cost, known counts stand. */
    estimated: v.optional(v.boolean()),
    /** True where nobody had set a price: the cost is not known, and stands as 0. */
    unpriced: v.optional(v.boolean()),
    /** True once it is part of `usageDaily`; records from before that are added by a migration. */
    rolledUp: v.optional(v.boolean()),
    /** True once it is part of `monthlySpending`; records from before that are added by a migration. */
    inMonth: v.optional(v.boolean()),
  })
    .index("by_request", ["requestId"])
    .index("by_session", ["sessionId"])
    .index("by_organization", ["organizationId"]),

  /**
   * Usage of one day (UTC), added up in the transaction of each call: what reports read. A call is in two rows, the
   * organization's, without `sessionId`, and its session's where it has one. The time of sandboxes is here too, with
   * `sandbox` as its provider, and their size in place of a model.
   */
  usageDaily: defineTable({
    organizationId: v.id("organizations"),
    sessionId: v.optional(v.id("sandboxSessions")),
    /** `2026-11-20`. */
    day: v.string(),
    /** Who sent the messages; without it where nobody noted it. */
    userId: v.optional(v.id("users")),
    provider: v.string(),
    model: v.string(),
    keySource,
    calls: v.number(),
    ...spent,
    ...countedApart,
    /** Of a session's row: true once it is part of `agentDaily`; rows from before that are added by a migration. */
    agentCounted: v.optional(v.boolean()),
  })
    .index("by_group", ["organizationId", "sessionId", "day", "userId", "provider", "model", "keySource"])
    .index("by_day", ["organizationId", "day"]),

  /** What an agent's runs of one day (UTC) used, added up in the transaction of each run and each call. */
  agentDaily: defineTable({
    organizationId: v.id("organizations"),
    agentId: v.id("agents"),
    /** `2026-11-20`. */
    day: v.string(),
    /** Runs that were asked for on that day. */
    runs: v.number(),
    calls: v.number(),
    ...spent,
    ...countedApart,
  })
    .index("by_agent_day", ["agentId", "day"])
    .index("by_day", ["organizationId", "day"]),

  /** What an organization has, and how much of it is held for calls under way. Micro-USD. */
  creditAccounts: defineTable({
    organizationId: v.id("organizations"),
    balanceMicroUsd: v.number(),
    heldMicroUsd: v.number(),
    /** The month (UTC) of the last entry, and what was spent in it; accounts of before that get both by a migration. */
    spentMonth: v.optional(v.string()),
    spentMicroUsd: v.optional(v.number()),
  }).index("by_organization", ["organizationId"]),

  /** Append-only. The balance is the sum of the entries; a key is entered once. */
  ledgerEntries: defineTable({
    organizationId: v.id("organizations"),
    key: v.string(),
    kind: ledgerKind,
    deltaMicroUsd: v.number(),
    balanceAfterMicroUsd: v.number(),
    description: v.string(),
    sessionId: v.optional(v.id("sandboxSessions")),
  })
    .index("by_key", ["organizationId", "key"])
    .index("by_organization_kind", ["organizationId", "kind"])
    .index("by_organization", ["organizationId"]),

  /** What one model call may cost at most, from before it is made until its real cost is known. */
  creditHolds: defineTable({
    ...ofCall,
    requestId: v.string(),
    /** False where the organization's own key pays: then it counts against the session's cap alone. */
    fromCredits: v.boolean(),
    amountMicroUsd: v.number(),
    /** The month (UTC) that the call counts in, and whose besides its organization's; nothing of holds from before that. */
    month: v.optional(v.string()),
    userId: v.optional(v.id("users")),
    agentId: v.optional(v.id("agents")),
    keyId: v.optional(v.id("apiKeys")),
    /** Of whose monthly limits it is held. */
    limitedBy: v.optional(v.array(limitSubject)),
    /** `ending`: its session has ended while the call was under way. It is still counted, until it is settled or lapses. */
    status: v.union(v.literal("open"), v.literal("ending"), v.literal("settled"), v.literal("released")),
    expiresAt: v.number(),
  })
    .index("by_organization_status_expiry", ["organizationId", "status", "expiresAt"])
    .index("by_request", ["requestId"])
    .index("by_session_status", ["sessionId", "status"])
    .index("by_status_expiry", ["status", "expiresAt"])
    .index("by_organization", ["organizationId"]),
};
