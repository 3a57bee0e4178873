import { v } from "convex/values";
import { serviceMutation, serviceQuery } from "./functions.ts";
import { checkLease } from "./model/leases.ts";
import { LEASE_MS } from "./model/session-writer.ts";
import { streamOf } from "./model/sessions.ts";

const sessionId = v.id("sandboxSessions");
const MAX_WAITING = 100;

/**
 * Sessions that have work and that no server holds, oldest first, at most 100: workers follow this live. A lease whose
 * holder died is not among them before it lapses; the sweep finds those.
 */
export const waiting = serviceQuery({
  args: {},
  returns: v.array(sessionId),
  handler: async (ctx) => {
    const rows = await ctx.db
      .query("sessionStreams")
      .withIndex("by_lease", (q) => q.eq("needsPump", true).eq("leaseUntil", 0))
      .take(MAX_WAITING);
    return rows.map((row) => row.sessionId);
  },
});

/** Takes the lease of a session where nobody holds it. @returns its new generation, or null where somebody does */
export const claim = serviceMutation({
  args: { sessionId, holder: v.string() },
  returns: v.union(v.number(), v.null()),
  handler: async (ctx, { sessionId, holder }) => {
    const stream = await streamOf(ctx, sessionId);
    const now = Date.now();
    // One that ends later than any lease can is of before the clock was set back.
    const held = stream.holder !== null && stream.leaseUntil > now && stream.leaseUntil <= now + LEASE_MS;
    // Who holds it already asks again where the answer was lost.
    if (held && stream.holder !== holder) return null;
    const generation = stream.generation + 1;
    await ctx.db.patch(stream._id, { holder, generation, batches: 0, leaseUntil: now + LEASE_MS });
    return generation;
  },
});

/** Makes the lease last longer. @throws lease_lost */
export const renew = serviceMutation({
  args: { sessionId, generation: v.number() },
  returns: v.null(),
  handler: async (ctx, { sessionId, generation }) => {
    const stream = await streamOf(ctx, sessionId);
    checkLease(stream, generation);
    await ctx.db.patch(stream._id, { leaseUntil: Date.now() + LEASE_MS });
  },
});

/** Gives the lease back; idempotent where it is no longer ours. */
export const release = serviceMutation({
  args: { sessionId, generation: v.number() },
  returns: v.null(),
  handler: async (ctx, { sessionId, generation }) => {
    const stream = await streamOf(ctx, sessionId);
    if (stream.generation !== generation) return;
    await ctx.db.patch(stream._id, { holder: null, leaseUntil: 0 });
  },
});
