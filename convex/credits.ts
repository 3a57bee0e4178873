import { paginationOptsValidator } from "convex/server";
import { v } from "convex/values";
import { orgQuery, serviceMutation } from "./functions.ts";
import { accountOf, enter } from "./model/credits.ts";

/** What the organization has, and what of it is held for calls under way. */
export const balance = orgQuery({
  min: "member",
  scope: "billing:read",
  args: {},
  returns: v.object({ balanceMicroUsd: v.number(), heldMicroUsd: v.number() }),
  handler: async (ctx) => {
    const account = await accountOf(ctx, ctx.caller.organizationId);
    return { balanceMicroUsd: account?.balanceMicroUsd ?? 0, heldMicroUsd: account?.heldMicroUsd ?? 0 };
  },
});

/** The ledger, newest first. */
export const ledger = orgQuery({
  min: "admin",
  scope: "billing:read",
  args: { paginationOpts: paginationOptsValidator },
  handler: async (ctx, { paginationOpts }) => {
    const result = await ctx.db
      .query("ledgerEntries")
      .withIndex("by_organization", (q) => q.eq("organizationId", ctx.caller.organizationId))
      .order("desc")
      .paginate(paginationOpts);
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
    return await enter(ctx, { ...entry, key: `grant:${key}`, kind: "grant", deltaMicroUsd: amountMicroUsd });
  },
});
