import { v } from "convex/values";
import { SUBSCRIPTION_LIMITS } from "#domain/deliveries.ts";
import { orgMutation, orgQuery, refuse, serviceMutation } from "./functions.ts";
import { hostOf, subscribe, subscriptionsOf, unsubscribe } from "./model/push.ts";

const OWN = { min: "viewer", scope: "sessions:write", audit: "entry" } as const;

/** Has a browser of the caller's take pushes. @throws forbidden to an API key: a device would outlive it, out of sight */
export const add = orgMutation({
  ...OWN,
  bounds: SUBSCRIPTION_LIMITS,
  args: { endpoint: v.string(), p256dh: v.string(), auth: v.string() },
  returns: v.null(),
  handler: async (ctx, subscription) => {
    const { organizationId, user, key } = ctx.caller;
    if (key) throw refuse("people_only");
    const { isNew, replaced } = await subscribe(ctx, { organizationId, userId: user._id }, subscription);
    const target = hostOf(subscription.endpoint);
    await ctx.report(isNew ? { action: "notification_device.added", target } : null);
    if (replaced !== null)
      await ctx.report({ action: "notification_device.removed", target: hostOf(replaced) });
    return null;
  },
});

/** Whether a browser takes pushes for the caller, in this organization: asked by pages of the release before. */
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

/** The browsers that take pushes for the caller in this organization, the oldest first. @throws forbidden to an API key */
export const list = orgQuery({
  min: "viewer",
  scope: "sessions:read",
  args: {},
  returns: v.array(
    v.object({
      endpoint: v.string(),
      /** Of the browser's maker. */
      host: v.string(),
      /** Epoch milliseconds. */
      addedAt: v.number(),
    }),
  ),
  handler: async (ctx) => {
    const { organizationId, user, key } = ctx.caller;
    if (key) throw refuse("people_only");
    const rows = await subscriptionsOf(ctx, { organizationId, userId: user._id });
    return rows.map(({ endpoint, _creationTime }) => ({
      endpoint,
      host: hostOf(endpoint),
      addedAt: Math.floor(_creationTime),
    }));
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
    const wasOn = await unsubscribe(ctx, { organizationId, userId: user._id }, endpoint);
    const target = hostOf(endpoint);
    await ctx.report(wasOn ? { action: "notification_device.removed", target } : null);
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
