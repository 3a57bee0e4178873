import { v } from "convex/values";
import type { Doc } from "./_generated/dataModel";
import type { QueryCtx } from "./_generated/server";
import { keyHolds, systemQuery } from "./functions.ts";
import { boundedPage } from "./model/paging.ts";
import { definitionKind, environment } from "./model/values.ts";

const PAGE_ROWS = 500;

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

/** The key behind a hash, where it may read the project. */
async function readingKey(ctx: QueryCtx, keyHash: string): Promise<Doc<"apiKeys"> | null> {
  const key = await ctx.db
    .query("apiKeys")
    .withIndex("by_hash", (q) => q.eq("hash", keyHash))
    .unique();
  const mayRead =
    key && (key.kind === "sync" || (key.kind === "user" && key.scopes.includes("project:read")));
  if (!mayRead || key.revokedAt !== undefined) return null;
  if (key.kind === "sync") return key.expiresAt === undefined || key.expiresAt > Date.now() ? key : null;
  return (await stillHolds(ctx, key)) ? key : null;
}

/**
 * The organization behind a key, and its environment.
 * @returns null where the key is not valid, or not for this
 */
export const organization = systemQuery({
  args: { keyHash: v.string() },
  returns: v.nullable(
    v.object({
      organization: v.object({ id: v.id("organizations"), slug: v.string(), name: v.string() }),
      environment,
    }),
  ),
  handler: async (ctx, { keyHash }) => {
    const key = await readingKey(ctx, keyHash);
    const row = key && (await ctx.db.get(key.organizationId));
    if (!row || row.deletedAt !== undefined) return null;
    return {
      organization: { id: row._id, slug: row.slug, name: row.name },
      environment: key.environment,
    };
  },
});

/**
 * A page of the definitions of a kind behind a key, as JSON texts, by their slugs.
 * @returns null where the key is no longer valid
 */
export const definitions = systemQuery({
  args: {
    keyHash: v.string(),
    kind: definitionKind,
    cursor: v.nullable(v.string()),
  },
  returns: v.nullable(v.object({ texts: v.array(v.string()), cursor: v.nullable(v.string()) })),
  handler: async (ctx, { keyHash, kind, cursor }) => {
    const key = await readingKey(ctx, keyHash);
    if (!key) return null;
    const { page, isDone, continueCursor } = await boundedPage(
      ctx.db
        .query("projectDefinitions")
        .withIndex("by_slug", (q) =>
          q.eq("organizationId", key.organizationId).eq("environment", key.environment).eq("kind", kind),
        ),
      { cursor, rows: PAGE_ROWS },
    );
    return { texts: page.map(({ definition }) => definition), cursor: isDone ? null : continueCursor };
  },
});
