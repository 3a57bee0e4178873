import { v } from "convex/values";
import { SUBSCRIPTION_LIMITS } from "#domain/deliveries.ts";
import { orgMutation, orgQuery, refuse, serviceMutation } from "./functions.ts";
import { subscribe, subscriptionsOf, unsubscribe } from "./model/push.ts";

const OWN = {
  min: "viewer",
  scope: "sessions:write",
  audit: { none: "which devices tell a person is their own matter" },
} as const;

/** Has a browser of the caller's take pushes. @throws forbidden to an API key: a device would outlive it, out of sight */
export const add = orgMutation({
  ...OWN,
  bounds: SUBSCRIPTION_LIMITS,
  args: { endpoint: v.string(), p256dh: v.string(), auth: v.string() },
  returns: v.null(),
  handler: async (ctx, subscription) => {
    const { organizationId, user, key } = ctx.caller;
    if (key) throw refuse("people_only");
    await subscribe(ctx, { organizationId, userId: user._id }, subscription);
    return null;
  },
});

/** Whether a browser takes pushes for the caller, in this organization. */
export const has = orgQuery({
  min: "viewer",
  scope: "sessions:read",
  bounds: { endpoint: SUBSCRIPTION_LIMITS.endpoint },
  args: { endpoint: v.string() },
  returns: v.boolean(),
  handler: async (ctx, { endpoint }) => {
    const { organizationId, user } = ctx.caller;
    const own = await subscriptionsOf(ctx, { organizationId, userId: user._id });
    return own.some((row) => row.endpoint === endpoint);
  },
});

/** Has one of them take none any more. */
export const remove = orgMutation({
  ...OWN,
  bounds: { endpoint: SUBSCRIPTION_LIMITS.endpoint },
  args: { endpoint: v.string() },
  returns: v.null(),
  handler: async (ctx, { endpoint }) => {
    const { organizationId, user } = ctx.caller;
    await unsubscribe(ctx, { organizationId, userId: user._id }, endpoint);
    return null;
  },
});

/** The browser's maker says that it takes none any more. */
export const gone = serviceMutation({
  args: { subscriptionId: v.id("pushSubscriptions") },
  returns: v.null(),
  handler: async (ctx, { subscriptionId }) => {
    if (await ctx.db.get(subscriptionId)) await ctx.db.delete(subscriptionId);
    return null;
  },
});
