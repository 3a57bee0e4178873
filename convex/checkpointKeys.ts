import { v } from "convex/values";
import { serviceMutation, serviceQuery } from "./functions.ts";
import { latestKeyOf, packKey } from "./model/checkpoint-keys.ts";
import { dataKey } from "./model/data-keys.ts";

const MAX_ROWS = 100;

/**
 * Adds a key with which an organization's next checkpoints are sealed.
 * @param args `after`: its latest one, as the server knows it
 * @returns what is the latest then: another server's, where that was first
 */
export const add = serviceMutation({
  args: {
    organizationId: v.id("organizations"),
    after: v.nullable(v.id("checkpointKeys")),
    ...dataKey.fields,
  },
  returns: packKey,
  handler: async (ctx, { organizationId, after, ...stored }) => {
    const latest = await latestKeyOf(ctx, organizationId);
    if (latest && latest.id !== after) return latest;
    const id = await ctx.db.insert("checkpointKeys", { organizationId, ...stored });
    return { id, ...stored };
  },
});

/** Keys that the operator's key of that version has wrapped. */
export const wrappedBy = serviceQuery({
  args: { kekVersion: v.number() },
  returns: v.array(
    v.object({ id: v.id("checkpointKeys"), organizationId: v.id("organizations"), ...dataKey.fields }),
  ),
  handler: async (ctx, { kekVersion }) => {
    const rows = await ctx.db
      .query("checkpointKeys")
      .withIndex("by_version", (q) => q.eq("kekVersion", kekVersion))
      .take(MAX_ROWS);
    return rows.map(({ _id: id, organizationId, wrapped }) => ({ id, organizationId, wrapped, kekVersion }));
  },
});

/** Puts a key's new wrapping in place of the old one, if that is still there. */
export const rewrap = serviceMutation({
  args: { id: v.id("checkpointKeys"), before: v.string(), wrapped: v.string(), kekVersion: v.number() },
  returns: v.boolean(),
  handler: async (ctx, { id, before: old, wrapped, kekVersion }) => {
    const row = await ctx.db.get(id);
    if (row?.wrapped !== old) return false;
    await ctx.db.patch(id, { wrapped, kekVersion });
    return true;
  },
});
