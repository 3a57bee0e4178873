import { v } from "convex/values";
import { internal } from "./_generated/api";
import type { Doc } from "./_generated/dataModel";
import type { MutationCtx } from "./_generated/server";
import { maskSecrets } from "#domain/mask.ts";
import { SUPPORT_HOURS, SUPPORT_LIMITS } from "#domain/support.ts";
import { orgMutation, orgQuery, systemMutation } from "./functions.ts";
import { audit } from "./model/audit.ts";
import { Names } from "./model/people.ts";
import { forgetLooks, grantOf } from "./model/support.ts";

const HOUR_MS = 3_600_000;

const termsOf = ({ reason, until }: Pick<Doc<"supportGrants">, "reason" | "until">) => ({
  reason,
  until: new Date(until).toISOString(),
});

async function endGrant(ctx: MutationCtx, { _id: grantId }: Doc<"supportGrants">): Promise<void> {
  await ctx.db.patch(grantId, { endedAt: Date.now() });
  await ctx.scheduler.runAfter(0, internal.supportAccess.forget, { grantId });
}

/** Until when the operator may read the organization's sessions, why, and who allowed it; null where they may not. */
export const told = orgQuery({
  min: "viewer",
  scope: "settings:read",
  args: {},
  returns: v.nullable(v.object({ at: v.number(), until: v.number(), reason: v.string(), by: v.string() })),
  handler: async (ctx) => {
    const grant = await grantOf(ctx, ctx.caller.organizationId);
    if (!grant) return null;
    return {
      at: Math.floor(grant._creationTime),
      until: grant.until,
      reason: grant.reason,
      by: await new Names(ctx).of(grant.userId),
    };
  },
});

/**
 * Lets the operator read the organization's sessions and their logs for some hours, and nothing else of it. It takes
 * the place of what was granted before.
 * @throws forbidden | invalid_request
 */
export const grant = orgMutation({
  min: "admin",
  scope: "settings:write",
  audit: "entry",
  bounds: SUPPORT_LIMITS,
  args: { hours: v.union(...SUPPORT_HOURS.map((hours) => v.literal(hours))), reason: v.string() },
  returns: v.object({ until: v.number() }),
  handler: async (ctx, { hours, reason: given }) => {
    const { organizationId, user } = ctx.caller;
    const before = await grantOf(ctx, organizationId);
    if (before) await endGrant(ctx, before);
    const reason = maskSecrets(given.trim());
    const until = Date.now() + hours * HOUR_MS;
    const grantId = await ctx.db.insert("supportGrants", {
      organizationId,
      userId: user._id,
      reason,
      until,
    });
    await ctx.scheduler.runAt(until, internal.supportAccess.expire, { grantId });
    await ctx.report({
      action: "support_access.granted",
      ...(before && { before: termsOf(before) }),
      after: termsOf({ reason, until }),
    });
    return { until };
  },
});

/** Ends it at once, if it holds. @throws forbidden */
export const end = orgMutation({
  min: "admin",
  scope: "settings:write",
  audit: "entry",
  args: {},
  returns: v.null(),
  handler: async (ctx) => {
    const held = await grantOf(ctx, ctx.caller.organizationId);
    if (held) await endGrant(ctx, held);
    await ctx.report(held && { action: "support_access.ended", before: termsOf(held) });
    return null;
  },
});

/** Says that a grant has run out: to the audit, and to the pages that follow it live. It had stopped counting before. */
export const expire = systemMutation({
  args: { grantId: v.id("supportGrants") },
  returns: v.null(),
  handler: async (ctx, { grantId }) => {
    const held = await ctx.db.get(grantId);
    if (!held || held.endedAt !== undefined) return null;
    await endGrant(ctx, held);
    await audit(ctx, {
      organizationId: held.organizationId,
      actor: { kind: "system", label: "support access" },
      action: "support_access.ended",
      before: termsOf(held),
    });
    return null;
  },
});

/** Forgets in steps what was looked at under a grant that has ended: the audits have it. */
export const forget = systemMutation({
  args: { grantId: v.id("supportGrants") },
  returns: v.null(),
  handler: async (ctx, { grantId }) => {
    if (await forgetLooks(ctx, grantId))
      await ctx.scheduler.runAfter(0, internal.supportAccess.forget, { grantId });
    return null;
  },
});
