import { v } from "convex/values";
import type { Id } from "../_generated/dataModel";
import type { MutationCtx, QueryCtx } from "../_generated/server";

/** A data key as it is stored: wrapped by the operator's key of that version. */
export const dataKey = v.object({ wrapped: v.string(), kekVersion: v.number() });
type DataKey = typeof dataKey.type;

async function rowOf(ctx: QueryCtx, organizationId: Id<"organizations">) {
  return await ctx.db
    .query("dataKeys")
    .withIndex("by_organization", (q) => q.eq("organizationId", organizationId))
    .unique();
}

/** An organization's data key; null where it has none. */
export async function dataKeyOf(ctx: QueryCtx, organizationId: Id<"organizations">): Promise<DataKey | null> {
  const row = await rowOf(ctx, organizationId);
  return row && { wrapped: row.wrapped, kekVersion: row.kekVersion };
}

/** Whether anything of an organization is encrypted with its data key. */
async function isUsed(ctx: QueryCtx, organizationId: Id<"organizations">): Promise<boolean> {
  const key = await ctx.db
    .query("providerKeys")
    .withIndex("by_provider", (q) => q.eq("organizationId", organizationId))
    .first();
  if (key) return true;
  const variable = await ctx.db
    .query("variables")
    .withIndex("by_place", (q) => q.eq("organizationId", organizationId))
    .first();
  if (variable) return true;
  const connection = await ctx.db
    .query("gitConnections")
    .withIndex("by_slug", (q) => q.eq("organizationId", organizationId))
    .first();
  if (connection) return true;
  const registry = await ctx.db
    .query("registries")
    .withIndex("by_slug", (q) => q.eq("organizationId", organizationId))
    .first();
  if (registry) return true;
  const server = await ctx.db
    .query("mcpServers")
    .withIndex("by_name", (q) => q.eq("organizationId", organizationId))
    .first();
  if (server) return true;
  const kept = await ctx.db
    .query("sessionVariables")
    .withIndex("by_organization", (q) => q.eq("organizationId", organizationId))
    .first();
  if (kept) return true;
  const webhook = await ctx.db
    .query("runWebhooks")
    .withIndex("by_organization", (q) => q.eq("organizationId", organizationId))
    .first();
  if (webhook) return true;
  const destination = await ctx.db
    .query("notificationDestinations")
    .withIndex("by_organization", (q) => q.eq("organizationId", organizationId))
    .first();
  return destination !== null;
}

/**
 * The organization's data key, as long as anything is encrypted with it: where nothing is, a new one may follow, such as
 * one that the operator's keys open.
 */
export async function dataKeyInUse(
  ctx: QueryCtx,
  organizationId: Id<"organizations">,
): Promise<DataKey | null> {
  return (await isUsed(ctx, organizationId)) ? await dataKeyOf(ctx, organizationId) : null;
}

/** Whether a save fits to what is there: it brings a new data key exactly where none is in use. */
export async function fitsDataKey(
  ctx: QueryCtx,
  organizationId: Id<"organizations">,
  brought: DataKey | undefined,
): Promise<boolean> {
  return ((await dataKeyInUse(ctx, organizationId)) === null) === (brought !== undefined);
}

/** Stores a new data key in place of one that nothing uses. */
export async function putDataKey(
  ctx: MutationCtx,
  organizationId: Id<"organizations">,
  brought: DataKey,
): Promise<void> {
  const unused = await rowOf(ctx, organizationId);
  if (unused) await ctx.db.delete(unused._id);
  await ctx.db.insert("dataKeys", { organizationId, ...brought });
}
