import { v } from "convex/values";
import { orgMutation, orgQuery } from "./functions.ts";
import { audit } from "./model/audit.ts";
import { settingsOf, settingsRow } from "./model/settings.ts";

/** The organization's settings, each with its value or its default. */
export const get = orgQuery({
  min: "viewer",
  scope: "settings:read",
  args: {},
  handler: async (ctx) => await settingsOf(ctx, ctx.caller.organizationId),
});

/** Sets one or more settings; what is left out stays. The server has checked their bounds. */
export const set = orgMutation({
  min: "admin",
  scope: "settings:write",
  args: {
    default_model: v.optional(v.union(v.object({ provider: v.string(), model: v.string() }), v.null())),
    raw_key_injection: v.optional(v.boolean()),
    idle_timeout_minutes: v.optional(v.number()),
    max_live_sessions: v.optional(v.number()),
  },
  handler: async (ctx, change) => {
    const { organizationId } = ctx.caller;
    const row = await settingsRow(ctx, organizationId);
    if (row) await ctx.db.patch(row._id, change);
    else await ctx.db.insert("organizationSettings", { organizationId, ...change });
    for (const [key, value] of Object.entries(change))
      await audit(ctx, ctx.caller, "setting.changed", `${key} = ${JSON.stringify(value)}`);
    return await settingsOf(ctx, organizationId);
  },
});
