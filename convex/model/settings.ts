import { DEFAULT_SETTINGS, type OrganizationSettings, SETTING_KEYS } from "#domain/settings.ts";
import type { Doc, Id } from "../_generated/dataModel";
import type { MutationCtx, QueryCtx } from "../_generated/server";

/** The row of an organization's settings, if it has ever set one. */
export async function settingsRow(
  ctx: QueryCtx | MutationCtx,
  organizationId: Id<"organizations">,
): Promise<Doc<"organizationSettings"> | null> {
  return await ctx.db
    .query("organizationSettings")
    .withIndex("by_organization", (q) => q.eq("organizationId", organizationId))
    .unique();
}

/** An organization's settings, with the defaults in place of what it has not set. */
export async function settingsOf(
  ctx: QueryCtx | MutationCtx,
  organizationId: Id<"organizations">,
): Promise<OrganizationSettings> {
  const row = await settingsRow(ctx, organizationId);
  const set = SETTING_KEYS.flatMap((key) => (row?.[key] === undefined ? [] : [[key, row[key]] as const]));
  return { ...DEFAULT_SETTINGS, ...Object.fromEntries(set) };
}
