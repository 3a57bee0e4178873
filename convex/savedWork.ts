import { v } from "convex/values";
import { orgQuery } from "./functions.ts";
import { storedBytesOf } from "./model/checkpoints.ts";
import { settingsOf } from "./model/settings.ts";

/** What the organization's saved work takes up, of how much it may. What branches share counts once. */
export const storage = orgQuery({
  min: "viewer",
  scope: "settings:read",
  args: {},
  returns: v.object({ usedBytes: v.number(), limitBytes: v.number(), notSaved: v.array(v.string()) }),
  handler: async (ctx) => {
    const { organizationId } = ctx.caller;
    const settings = await settingsOf(ctx, organizationId);
    return {
      usedBytes: await storedBytesOf(ctx, organizationId),
      limitBytes: settings.saved_work_gb * 1e9,
      notSaved: settings.not_saved,
    };
  },
});
