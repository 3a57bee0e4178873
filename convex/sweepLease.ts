import { v } from "convex/values";
import type { Doc } from "./_generated/dataModel";
import type { QueryCtx } from "./_generated/server";
import { serviceMutation } from "./functions.ts";
import { LEASE_MS } from "./model/session-writer.ts";

const leaseOf = async (ctx: QueryCtx): Promise<Doc<"sweepLeases"> | null> =>
  await ctx.db.query("sweepLeases").first();

/**
 * Takes or keeps the lease of the sweep: of all servers that look for what is due, its holder alone does it.
 * @param holder names the process
 * @returns true where the process holds it now
 */
export const claim = serviceMutation({
  args: { holder: v.string() },
  returns: v.boolean(),
  handler: async (ctx, { holder }) => {
    const lease = await leaseOf(ctx);
    const now = Date.now();
    const leaseUntil = now + LEASE_MS;
    if (!lease) {
      await ctx.db.insert("sweepLeases", { holder, leaseUntil });
      return true;
    }
    // One that ends later than any lease can is of before the clock was set back.
    const held = lease.leaseUntil > now && lease.leaseUntil <= leaseUntil;
    if (held && lease.holder !== holder) return false;
    await ctx.db.patch(lease._id, { holder, leaseUntil });
    return true;
  },
});

/** Gives the lease back; idempotent where the process does not hold it. */
export const release = serviceMutation({
  args: { holder: v.string() },
  returns: v.null(),
  handler: async (ctx, { holder }) => {
    const lease = await leaseOf(ctx);
    if (lease?.holder === holder) await ctx.db.delete(lease._id);
  },
});
