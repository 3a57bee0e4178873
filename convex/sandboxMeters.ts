import { v } from "convex/values";
import { orgQuery, serviceMutation } from "./functions.ts";
import { isOutOfCredits, quotaOf, seenSandbox, termsOf } from "./model/metering.ts";
import { SessionWriter } from "./model/session-writer.ts";
import { stopUnpaid } from "./model/unpaid.ts";

/**
 * Says what the operator has set for sandboxes: integer nano-USD for a second of a processor and of a GB of memory, and
 * the hours of a month for organizations that have set none. What runs already keeps its price.
 */
export const setTerms = serviceMutation({
  args: { vcpuNanoUsd: v.number(), gbNanoUsd: v.number(), monthlyHours: v.number() },
  returns: v.null(),
  handler: async (ctx, terms) => {
    for (const amount of Object.values(terms))
      if (!Number.isSafeInteger(amount) || amount < 0)
        throw new Error("The terms of sandboxes are whole numbers from 0 on.");
    const known = await termsOf(ctx);
    if (!known) await ctx.db.insert("sandboxTerms", terms);
    else if (
      known.vcpuNanoUsd !== terms.vcpuNanoUsd ||
      known.gbNanoUsd !== terms.gbNanoUsd ||
      known.monthlyHours !== terms.monthlyHours
    )
      await ctx.db.patch(known._id, terms);
  },
});

/**
 * A server has looked at a sandbox, or ended it: its time is counted up to then. One that ran, and that nothing is left
 * to pay for, has its session stop.
 */
export const seen = serviceMutation({
  args: {
    sandboxId: v.string(),
    /** When the server asked; epoch milliseconds. */
    at: v.number(),
    ran: v.boolean(),
    /** True where it has ended it since. */
    ended: v.boolean(),
  },
  returns: v.null(),
  handler: async (ctx, sighting) => {
    const meter = await seenSandbox(ctx, sighting);
    if (!meter?.sessionId || !(await isOutOfCredits(ctx, meter.organizationId))) return;
    const session = await ctx.db.get(meter.sessionId);
    if (session?.sandboxId !== sighting.sandboxId) return;
    const writer = await SessionWriter.open(ctx, session);
    await stopUnpaid(writer);
    await writer.save();
  },
});

/** How long the organization's sandboxes ran this month (UTC) in all, and how long they may: hours, 0 for no limit. */
export const month = orgQuery({
  min: "member",
  scope: "billing:read",
  args: {},
  returns: v.object({ month: v.string(), usedMs: v.number(), hours: v.number() }),
  handler: async (ctx) => await quotaOf(ctx, ctx.caller.organizationId),
});
