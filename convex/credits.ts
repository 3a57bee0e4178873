import { paginationOptsValidator, paginationResultValidator } from "convex/server";
import { v } from "convex/values";
import { LIMITS } from "#domain/limits.ts";
import { MAX_CREDIT_MICRO_USD, OPERATOR_LIMITS } from "#domain/operator.ts";
import { monthOf } from "#domain/usage-report.ts";
import { operatorMutation, orgQuery, refuse, serviceMutation } from "./functions.ts";
import { audit } from "./model/audit.ts";
import { accountOf, enter } from "./model/credits.ts";
import { organizationNamed, reasonOf } from "./model/operator-audit.ts";
import { ledgerKind } from "./model/values.ts";

/** What the organization has, what of it is held for calls under way, and what it has spent this month (UTC). */
export const balance = orgQuery({
  min: "member",
  scope: "billing:read",
  args: {},
  returns: v.object({ balanceMicroUsd: v.number(), heldMicroUsd: v.number(), spentMicroUsd: v.number() }),
  handler: async (ctx) => {
    const account = await accountOf(ctx, ctx.caller.organizationId);
    const isThisMonth = account?.spentMonth === monthOf(Date.now());
    return {
      balanceMicroUsd: account?.balanceMicroUsd ?? 0,
      heldMicroUsd: account?.heldMicroUsd ?? 0,
      spentMicroUsd: isThisMonth ? (account.spentMicroUsd ?? 0) : 0,
    };
  },
});

/** The ledger, newest first: of one kind, or of a time, where that is asked for. */
export const ledger = orgQuery({
  min: "admin",
  scope: "billing:read",
  args: {
    paginationOpts: paginationOptsValidator,
    kind: v.optional(ledgerKind),
    since: v.optional(v.number()),
    until: v.optional(v.number()),
  },
  bounds: { since: LIMITS.moment, until: LIMITS.moment },
  returns: paginationResultValidator(
    v.object({
      id: v.id("ledgerEntries"),
      kind: ledgerKind,
      deltaMicroUsd: v.number(),
      balanceAfterMicroUsd: v.number(),
      description: v.string(),
      sessionId: v.nullable(v.id("sandboxSessions")),
      at: v.number(),
    }),
  ),
  handler: async (ctx, { paginationOpts, kind, since = 0, until = Number.MAX_SAFE_INTEGER }) => {
    const { organizationId } = ctx.caller;
    const rows = ctx.db.query("ledgerEntries");
    const found =
      kind === undefined
        ? rows.withIndex("by_organization", (q) =>
            q.eq("organizationId", organizationId).gte("_creationTime", since).lt("_creationTime", until),
          )
        : rows.withIndex("by_organization_kind", (q) =>
            q
              .eq("organizationId", organizationId)
              .eq("kind", kind)
              .gte("_creationTime", since)
              .lt("_creationTime", until),
          );
    const result = await found.order("desc").paginate(paginationOpts);
    return {
      ...result,
      page: result.page.map((entry) => ({
        id: entry._id,
        kind: entry.kind,
        deltaMicroUsd: entry.deltaMicroUsd,
        balanceAfterMicroUsd: entry.balanceAfterMicroUsd,
        description: entry.description,
        sessionId: entry.sessionId ?? null,
        at: Math.floor(entry._creationTime),
      })),
    };
  },
});

/** Gives credits, once for each key. Answers false where that key was given before. */
export const grant = serviceMutation({
  args: {
    organizationId: v.id("organizations"),
    key: v.string(),
    amountMicroUsd: v.number(),
    description: v.string(),
  },
  returns: v.boolean(),
  handler: async (ctx, { amountMicroUsd, key, ...entry }) => {
    if (!Number.isSafeInteger(amountMicroUsd) || amountMicroUsd <= 0)
      throw new Error("A grant is a positive whole number of micro-USD.");
    const { organizationId, description } = entry;
    const entered = await enter(ctx, {
      ...entry,
      key: `grant:${key}`,
      kind: "grant",
      deltaMicroUsd: amountMicroUsd,
    });
    if (entered)
      await audit(ctx, {
        organizationId,
        actor: { kind: "system" },
        action: "credits.granted",
        after: { amountMicroUsd, reason: description },
      });
    return entered;
  },
});

/**
 * Gives an organization credits on an operator's word, or takes some back, once for each key. A balance may go below
 * zero by that.
 * @param organization its slug, or its id
 * @throws not_found | invalid_request where several have that slug, or the amount or reason is out of bounds
 */
export const adjust = operatorMutation({
  bounds: { amountMicroUsd: OPERATOR_LIMITS.credit, reason: OPERATOR_LIMITS.reason, key: LIMITS.requestKey },
  args: { organization: v.string(), key: v.string(), amountMicroUsd: v.number(), reason: v.string() },
  returns: v.object({ name: v.string(), slug: v.string(), balanceMicroUsd: v.number() }),
  handler: async (ctx, { organization: named, key, amountMicroUsd, reason: given }) => {
    if (amountMicroUsd === 0) throw refuse("grant_amount", { maxDollars: MAX_CREDIT_MICRO_USD / 1e6 });
    const reason = reasonOf(given);
    const organization = await organizationNamed(ctx, named);
    const isGiven = amountMicroUsd > 0;
    const entered = await enter(ctx, {
      organizationId: organization._id,
      key: `grant:${key}`,
      kind: isGiven ? "grant" : "adjustment",
      deltaMicroUsd: amountMicroUsd,
      description: reason,
    });
    await ctx.act(
      entered
        ? {
            action: "credit",
            organization,
            reason,
            amountMicroUsd,
            told: isGiven ? "credits.granted" : "credits.adjusted",
          }
        : null,
    );
    const account = await accountOf(ctx, organization._id);
    return {
      name: organization.name,
      slug: organization.slug,
      balanceMicroUsd: account?.balanceMicroUsd ?? 0,
    };
  },
});
