import { v } from "convex/values";
import type { Doc } from "./_generated/dataModel";
import type { QueryCtx } from "./_generated/server";
import { keyHolds, systemQuery } from "./functions.ts";

/** More definitions of one kind than this are not a project that this version can carry. */
const MAX_OF_A_KIND = 1000;

/** A person's key ends with their membership; a sandbox's own is revoked with its session. */
async function stillHolds(ctx: QueryCtx, key: Doc<"apiKeys">): Promise<boolean> {
  const member = await ctx.db
    .query("members")
    .withIndex("by_organization_user", (q) =>
      q.eq("organizationId", key.organizationId).eq("userId", key.userId),
    )
    .unique();
  const user = await ctx.db.get(key.userId);
  return member !== null && user?.deletedAt === undefined && keyHolds(key, member);
}

/**
 * The project behind a key: its organization, environment, and the definitions of every kind.
 * Null where the key is not valid, or not for this.
 */
export const project = systemQuery({
  args: { keyHash: v.string() },
  handler: async (ctx, { keyHash }) => {
    const key = await ctx.db
      .query("apiKeys")
      .withIndex("by_hash", (q) => q.eq("hash", keyHash))
      .unique();
    const mayRead =
      key && (key.kind === "sync" || (key.kind === "user" && key.scopes.includes("project:read")));
    if (!mayRead || key.revokedAt !== undefined) return null;
    const organization = await ctx.db.get(key.organizationId);
    if (!organization || organization.deletedAt !== undefined) return null;
    if (key.kind === "user" && !(await stillHolds(ctx, key))) return null;
    const all = async (kind: "agent" | "entityType" | "role" | "trigger") => {
      const rows = await ctx.db
        .query("projectDefinitions")
        .withIndex("by_slug", (q) =>
          q.eq("organizationId", organization._id).eq("environment", key.environment).eq("kind", kind),
        )
        .take(MAX_OF_A_KIND);
      return rows.map((row) => row.definition);
    };
    const [agents, entityTypes, roles, triggers] = await Promise.all([
      all("agent"),
      all("entityType"),
      all("role"),
      all("trigger"),
    ]);
    return {
      organization: { id: organization._id, slug: organization.slug, name: organization.name },
      environment: key.environment,
      agents,
      entityTypes,
      roles,
      triggers,
    };
  },
});
