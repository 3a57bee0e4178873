import { v } from "convex/values";
import { CHECKPOINT_LIMITS } from "#domain/checkpoints.ts";
import { orgQuery } from "./functions.ts";
import { storedBytesOf } from "./model/checkpoints.ts";

/** What the organization's saved work takes up, of how much it may. What branches share counts once. */
export const storage = orgQuery({
  min: "viewer",
  scope: "settings:read",
  args: {},
  returns: v.object({ usedBytes: v.number(), limitBytes: v.number() }),
  handler: async (ctx) => ({
    usedBytes: await storedBytesOf(ctx, ctx.caller.organizationId),
    limitBytes: CHECKPOINT_LIMITS.maxOrganizationBytes,
  }),
});
