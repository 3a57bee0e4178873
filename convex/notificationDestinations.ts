import { v } from "convex/values";
import { DELIVERY_LIMITS, DESTINATION_KINDS, DESTINATION_LIMITS } from "#domain/deliveries.ts";
import { LIMITS } from "#domain/limits.ts";
import type { Doc } from "./_generated/dataModel";
import { actorMutation, actorQuery, orgMutation, orgQuery, refuse } from "./functions.ts";
import { dataKey, dataKeyInUse, dataKeyOf, fitsDataKey, putDataKey } from "./model/data-keys.ts";
import { destinationOf, destinationsOf } from "./model/destinations.ts";
import { notificationKinds } from "./model/values.ts";
import { literals } from "./model/zod-validator.ts";

/** A destination as admins see it: nothing of its address but the host. Moments are epoch milliseconds. */
const shown = v.object({
  id: v.id("notificationDestinations"),
  kind: literals(DESTINATION_KINDS),
  name: v.string(),
  host: v.string(),
  kinds: notificationKinds,
  enabled: v.boolean(),
  /** Why Studio has turned it off; null where it has not. */
  offBecause: v.nullable(v.string()),
  failures: v.number(),
  lastError: v.nullable(v.string()),
  lastDeliveredAt: v.nullable(v.number()),
  createdAt: v.number(),
  updatedAt: v.number(),
});

const toShown = (row: Doc<"notificationDestinations">): typeof shown.type => ({
  id: row._id,
  kind: row.kind,
  name: row.name,
  host: row.host,
  kinds: row.kinds,
  enabled: row.enabled,
  offBecause: row.offBecause ?? null,
  failures: row.failures,
  lastError: row.lastError ?? null,
  lastDeliveredAt: row.lastDeliveredAt ?? null,
  createdAt: Math.floor(row._creationTime),
  updatedAt: row.updatedAt,
});

const audited = ({ kind, host, kinds, enabled }: Doc<"notificationDestinations">) => ({
  kind,
  host,
  kinds,
  enabled,
});

const ADMIN = { min: "admin", scope: "settings:write" } as const;
const byId = { destinationId: v.string() };

/** The organization's destinations, without their addresses. */
export const list = orgQuery({
  min: "admin",
  scope: "settings:read",
  args: {},
  returns: v.array(shown),
  handler: async (ctx) => (await destinationsOf(ctx, ctx.caller.organizationId)).map(toShown),
});

/** What a server seals an address with; null where the organization needs a new data key. */
export const forMaking = actorQuery({
  ...ADMIN,
  args: {},
  returns: v.object({ organizationId: v.id("organizations"), dataKey: v.nullable(dataKey) }),
  handler: async (ctx) => {
    const { organizationId } = ctx.caller;
    return { organizationId, dataKey: await dataKeyInUse(ctx, organizationId) };
  },
});

/** Adds a destination, whose address a server has checked and sealed. @throws invalid_request | unavailable */
export const create = actorMutation({
  ...ADMIN,
  audit: "entry",
  bounds: { ...DESTINATION_LIMITS, ciphertext: LIMITS.ciphertext, dataKey: LIMITS.wrappedKey },
  args: {
    kind: literals(DESTINATION_KINDS),
    name: v.string(),
    host: v.string(),
    kinds: notificationKinds,
    ciphertext: v.string(),
    sealedFor: v.string(),
    dataKey: v.optional(dataKey),
  },
  returns: shown,
  handler: async (ctx, { dataKey: brought, ...fields }) => {
    const { organizationId } = ctx.caller;
    if ((await destinationsOf(ctx, organizationId)).length >= DELIVERY_LIMITS.destinations)
      throw refuse("destination_limit", { limit: DELIVERY_LIMITS.destinations });
    if (!(await fitsDataKey(ctx, organizationId, brought))) throw refuse("webhook_race");
    if (brought) await putDataKey(ctx, organizationId, brought);
    const id = await ctx.db.insert("notificationDestinations", {
      organizationId,
      ...fields,
      kinds: [...new Set(fields.kinds)],
      enabled: true,
      failures: 0,
      updatedAt: Date.now(),
    });
    const row = (await ctx.db.get(id))!;
    await ctx.report({
      action: "notification_destination.added",
      target: row.name,
      after: audited(row),
    });
    return toShown(row);
  },
});

/** Changes what a destination is called and told, or turns it on or off. @throws not_found */
export const update = orgMutation({
  ...ADMIN,
  audit: "entry",
  bounds: { name: DESTINATION_LIMITS.name, kinds: DESTINATION_LIMITS.kinds },
  args: {
    ...byId,
    name: v.optional(v.string()),
    kinds: v.optional(notificationKinds),
    enabled: v.optional(v.boolean()),
  },
  returns: shown,
  handler: async (ctx, { destinationId, name, kinds, enabled }) => {
    const row = await destinationOf(ctx, ctx.caller.organizationId, destinationId);
    await ctx.db.patch(row._id, {
      ...(name !== undefined && { name }),
      ...(kinds && { kinds: [...new Set(kinds)] }),
      // Whichever it is now, it is a person's word.
      ...(enabled !== undefined && { enabled, offBecause: undefined, failures: 0 }),
      updatedAt: Date.now(),
    });
    const now = (await ctx.db.get(row._id))!;
    await ctx.report({
      action: "notification_destination.changed",
      target: now.name,
      before: { name: row.name, ...audited(row) },
      after: { name: now.name, ...audited(now) },
    });
    return toShown(now);
  },
});

/** Removes a destination; what is still to be sent there is not sent. @throws not_found */
export const remove = orgMutation({
  ...ADMIN,
  audit: "entry",
  args: byId,
  returns: v.null(),
  handler: async (ctx, { destinationId }) => {
    const row = await destinationOf(ctx, ctx.caller.organizationId, destinationId);
    await ctx.db.delete(row._id);
    await ctx.report({
      action: "notification_destination.removed",
      target: row.name,
      before: audited(row),
    });
    return null;
  },
});

/** A destination's sealed address, for a server that sends a test there. @throws not_found */
export const forTest = actorQuery({
  ...ADMIN,
  args: byId,
  returns: v.object({
    organizationId: v.id("organizations"),
    kind: literals(DESTINATION_KINDS),
    ciphertext: v.string(),
    sealedFor: v.string(),
    dataKey: v.nullable(dataKey),
  }),
  handler: async (ctx, { destinationId }) => {
    const { organizationId } = ctx.caller;
    const { kind, ciphertext, sealedFor } = await destinationOf(ctx, organizationId, destinationId);
    return { organizationId, kind, ciphertext, sealedFor, dataKey: await dataKeyOf(ctx, organizationId) };
  },
});

/** What came of a test: null where it got there. @throws not_found */
export const noteTest = actorMutation({
  ...ADMIN,
  audit: "entry",
  bounds: { error: LIMITS.statusDetail },
  args: { ...byId, error: v.nullable(v.string()) },
  returns: v.null(),
  handler: async (ctx, { destinationId, error }) => {
    const row = await destinationOf(ctx, ctx.caller.organizationId, destinationId);
    await ctx.report({
      action: "notification_destination.tested",
      target: row.name,
      after: { host: row.host, ...(error === null ? { sent: true } : { sent: false, error }) },
    });
    return null;
  },
});
