import { v } from "convex/values";
import { type MutationCtx, type QueryCtx } from "./_generated/server";
import { systemMutation, systemQuery } from "./functions.ts";
import { audit } from "./model/audit.ts";
import { boundedPage } from "./model/paging.ts";
import { changeProject, headOf, type Place } from "./model/project.ts";
import { auditedChanges } from "./model/project-audit.ts";
import { syncAccess, writeAccess } from "./model/sync-keys.ts";
import { auditChannel, environment, projectKind, role } from "./model/values.ts";

const PAGE_ROWS = 500;
const names = v.array(v.object({ kind: projectKind, slug: v.string() }));

/** The place behind a key, or behind another environment of its organization. */
async function placeOf(
  ctx: QueryCtx | MutationCtx,
  { keyHash, from }: { keyHash: string; from?: Place["environment"] | undefined },
): Promise<Place | null> {
  const access = await syncAccess(ctx, keyHash);
  return access && { organizationId: access.organization._id, environment: from ?? access.key.environment };
}

/**
 * The organization behind a key, its environment, and what the key may do there.
 * @returns null where the key is not valid, or not for this
 */
export const organization = systemQuery({
  args: { keyHash: v.string() },
  returns: v.nullable(
    v.object({
      organization: v.object({ id: v.id("organizations"), slug: v.string(), name: v.string() }),
      environment,
      /** Null for a sandbox's own key. */
      role: v.nullable(role),
      /** Why it may not change the project; null where it may. */
      readOnly: v.nullable(v.string()),
    }),
  ),
  handler: async (ctx, { keyHash }) => {
    const access = await syncAccess(ctx, keyHash);
    if (!access) return null;
    const row = access.organization;
    return {
      organization: { id: row._id, slug: row.slug, name: row.name },
      environment: access.key.environment,
      role: access.role ?? null,
      readOnly: await writeAccess(ctx, keyHash).then(
        () => null,
        (error: { data?: { message?: string } }) =>
          error.data?.message ?? "This key can't change the project.",
      ),
    };
  },
});

/**
 * A page of the definitions of a kind behind a key, as JSON texts, by their slugs.
 * @param from another environment of the same organization, which is to be promoted
 * @returns null where the key is no longer valid
 */
export const definitions = systemQuery({
  args: {
    keyHash: v.string(),
    kind: projectKind,
    cursor: v.nullable(v.string()),
    from: v.optional(environment),
  },
  returns: v.nullable(v.object({ texts: v.array(v.string()), cursor: v.nullable(v.string()) })),
  handler: async (ctx, { keyHash, kind, cursor, from }) => {
    const place = await placeOf(ctx, { keyHash, from });
    if (!place) return null;
    const { page, isDone, continueCursor } = await boundedPage(
      ctx.db
        .query("projectDefinitions")
        .withIndex("by_slug", (q) =>
          q.eq("organizationId", place.organizationId).eq("environment", place.environment).eq("kind", kind),
        ),
      { cursor, rows: PAGE_ROWS },
    );
    return { texts: page.map(({ definition }) => definition), cursor: isDone ? null : continueCursor };
  },
});

/** What an environment behind a key has, without the texts. @returns null where the key is not valid */
export const state = systemQuery({
  args: { keyHash: v.string(), from: v.optional(environment) },
  returns: v.nullable(
    v.object({
      revision: v.number(),
      entries: v.array(
        v.object({ kind: projectKind, slug: v.string(), hash: v.string(), version: v.number() }),
      ),
    }),
  ),
  handler: async (ctx, args) => {
    const place = await placeOf(ctx, args);
    if (!place) return null;
    const { revision, entries } = await headOf(ctx, place);
    return {
      revision,
      entries: entries.map(({ kind, slug, hash, version }) => ({ kind, slug, hash, version })),
    };
  },
});

/**
 * What has changed since a revision: each version, with what was there before it.
 * @returns null where the key is not valid
 */
export const changesSince = systemQuery({
  args: { keyHash: v.string(), revision: v.number(), cursor: v.nullable(v.string()) },
  returns: v.nullable(
    v.object({
      versions: v.array(
        v.object({
          kind: projectKind,
          slug: v.string(),
          revision: v.number(),
          before: v.nullable(v.string()),
          after: v.nullable(v.string()),
        }),
      ),
      cursor: v.nullable(v.string()),
    }),
  ),
  handler: async (ctx, { keyHash, revision, cursor }) => {
    const place = await placeOf(ctx, { keyHash });
    if (!place) return null;
    const { organizationId, environment: at } = place;
    const { page, isDone, continueCursor } = await boundedPage(
      ctx.db
        .query("projectVersions")
        .withIndex("by_revision", (q) =>
          q.eq("organizationId", organizationId).eq("environment", at).gt("revision", revision),
        ),
      { cursor, rows: 50, bytes: 2_000_000 },
    );
    const versions = await Promise.all(
      page.map(async ({ kind, slug, version, revision: made, definition }) => {
        const earlier = await ctx.db
          .query("projectVersions")
          .withIndex("by_version", (q) =>
            q
              .eq("organizationId", organizationId)
              .eq("environment", at)
              .eq("kind", kind)
              .eq("slug", slug)
              .eq("version", version - 1),
          )
          .unique();
        return { kind, slug, revision: made, before: earlier?.definition ?? null, after: definition };
      }),
    );
    return { versions, cursor: isDone ? null : continueCursor };
  },
});

/** When a key expired; null for one that has not, was revoked, or never was. */
export const expiredAt = systemQuery({
  args: { keyHash: v.string() },
  returns: v.nullable(v.number()),
  handler: async (ctx, { keyHash }) => {
    const key = await ctx.db
      .query("apiKeys")
      .withIndex("by_hash", (q) => q.eq("hash", keyHash))
      .unique();
    const at = key?.revokedAt === undefined ? key?.expiresAt : undefined;
    return at !== undefined && at <= Date.now() ? at : null;
  },
});

/**
 * Revokes the key of a login of the `struere` command. One that was made in another way stays: others may use it.
 * @returns null where the key is not valid
 */
export const logout = systemMutation({
  args: { keyHash: v.string(), via: auditChannel },
  returns: v.nullable(v.object({ revoked: v.boolean() })),
  handler: async (ctx, { keyHash, via }) => {
    const access = await syncAccess(ctx, keyHash);
    if (!access) return null;
    const { key } = access;
    if (key.ofLogin !== true) return { revoked: false };
    await ctx.db.patch(key._id, { revokedAt: Date.now() });
    await audit(ctx, {
      organizationId: key.organizationId,
      actor: { kind: "apiKey", userId: key.userId, keyId: key._id },
      from: { via },
      action: "api_key.revoked",
      target: `${key.name} …${key.last4}`,
    });
    return { revoked: true };
  },
});

/** Looks whether a key may change its environment. @throws unauthenticated | forbidden */
export const mayPush = systemQuery({
  args: { keyHash: v.string() },
  returns: v.null(),
  handler: async (ctx, { keyHash }) => {
    await writeAccess(ctx, keyHash);
    return null;
  },
});

/**
 * Changes the environment of a key, all or nothing. The texts were checked by the action that calls it.
 * @throws unauthenticated | forbidden | project_moved | invalid_request | too_large
 */
export const push = systemMutation({
  args: {
    keyHash: v.string(),
    baseRevision: v.number(),
    changes: v.array(
      v.object({
        kind: projectKind,
        slug: v.string(),
        content: v.nullable(v.object({ text: v.string(), hash: v.string(), bytes: v.number() })),
      }),
    ),
    via: auditChannel,
  },
  returns: v.object({ revision: v.number(), created: names, updated: names, deleted: names }),
  handler: async (ctx, { keyHash, baseRevision, changes, via }) => {
    const { key, organization: row } = await writeAccess(ctx, keyHash);
    const place = { organizationId: row._id, environment: key.environment };
    const done = await changeProject(ctx, place, changes, {
      baseRevision,
      source: via === "cli" ? "cli" : "api",
      authorId: key.userId,
      keyId: key._id,
    });
    const entry = auditedChanges(place, done);
    if (entry)
      await audit(ctx, {
        organizationId: row._id,
        actor: { kind: "apiKey", userId: key.userId, keyId: key._id },
        from: { via },
        ...entry,
      });
    return done;
  },
});
