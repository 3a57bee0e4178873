import { paginationOptsValidator, paginationResultValidator } from "convex/server";
import { v } from "convex/values";
import { LIMITS } from "#domain/limits.ts";
import { monthOf } from "#domain/usage-report.ts";
import { orgQuery, refuse, serviceMutation } from "./functions.ts";
import { audit } from "./model/audit.ts";
import { accountOf, enter } from "./model/credits.ts";
import { ledgerKind } from "./model/values.ts";

/** More than that by one command is a typing error. */
const MAX_GRANT_MICRO_USD = 1_000_000_000_000;
const MAX_REASON_CHARS = 500;

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
 * Gives credits on the operator's word, once for each key.
 * @param organization its slug, or its id
 * @throws not_found | invalid_request where several have that slug, or the amount or reason is out of bounds
 */
export const grantByOperator = serviceMutation({
  args: { organization: v.string(), key: v.string(), amountMicroUsd: v.number(), reason: v.string() },
  returns: v.object({ name: v.string(), slug: v.string(), balanceMicroUsd: v.number() }),
  handler: async (ctx, { organization: named, key, amountMicroUsd, reason }) => {
    if (!Number.isSafeInteger(amountMicroUsd) || amountMicroUsd <= 0 || amountMicroUsd > MAX_GRANT_MICRO_USD)
      throw refuse("grant_amount", { maxDollars: MAX_GRANT_MICRO_USD / 1e6 });
    if (reason.trim() === "" || reason.length > MAX_REASON_CHARS)
      throw refuse("grant_reason", { maxChars: MAX_REASON_CHARS });
    const id = ctx.db.normalizeId("organizations", named);
    const found = id
      ? [await ctx.db.get(id)]
      : await ctx.db
          .query("organizations")
          .withIndex("by_slug", (q) => q.eq("slug", named))
          .take(2);
    if (found.length > 1) throw refuse("organization_ambiguous", { name: named });
    const [organization] = found;
    if (!organization || organization.deletedAt !== undefined)
      throw refuse("organization_unknown", { name: named });
    const entered = await enter(ctx, {
      organizationId: organization._id,
      key: `grant:${key}`,
      kind: "grant",
      deltaMicroUsd: amountMicroUsd,
      description: reason,
    });
    if (entered)
      await audit(ctx, {
        organizationId: organization._id,
        actor: { kind: "operator", label: "npm run credits" },
        action: "credits.granted",
        after: { amountMicroUsd, reason },
        from: { via: "cli" },
      });
    const account = await accountOf(ctx, organization._id);
    return {
      name: organization.name,
      slug: organization.slug,
      balanceMicroUsd: account?.balanceMicroUsd ?? 0,
    };
  },
});
