import { v } from "convex/values";
import type { Doc } from "./_generated/dataModel";
import { isLive } from "#domain/lifecycle.ts";
import { LIMITS } from "#domain/limits.ts";
import { MAX_REGISTRIES } from "#domain/registries.ts";
import {
  actorMutation,
  actorQuery,
  orgMutation,
  orgQuery,
  refuse,
  serviceMutation,
  serviceQuery,
} from "./functions.ts";
import { dataKey, dataKeyOf } from "./model/data-keys.ts";
import { checkPlaces, registriesOf, registryFields, registryOf } from "./model/registries.ts";
import { beforeSealing, readyToSeal, takeSealed, testedNow, testResult } from "./model/secrets.ts";

const shownRegistry = v.object({
  ...registryFields,
  statusDetail: v.nullable(v.string()),
  verifiedAt: v.nullable(v.number()),
  last4: v.string(),
  updatedAt: v.number(),
});

const shown = (row: Doc<"registries">): typeof shownRegistry.type => ({
  slug: row.slug,
  kind: row.kind,
  url: row.url,
  username: row.username,
  scopes: row.scopes,
  status: row.status,
  statusDetail: row.statusDetail ?? null,
  verifiedAt: row.verifiedAt ?? null,
  last4: row.last4,
  updatedAt: row.updatedAt,
});

/** What the audit log keeps: nothing of the credential but its last characters. */
const audited = ({
  kind,
  url,
  username,
  scopes,
  last4,
}: Pick<Doc<"registries">, "kind" | "url" | "username" | "scopes" | "last4">) => ({
  kind,
  url,
  username,
  scopes,
  last4,
});

/** The organization's package registries, by their slugs; never their credentials. */
export const list = orgQuery({
  min: "viewer",
  scope: "settings:read",
  args: {},
  returns: v.array(shownRegistry),
  handler: async (ctx) => (await registriesOf(ctx, ctx.caller.organizationId)).map(shown),
});

/** What the server needs before it can test and encrypt: what is there, the data key, and the next version. */
export const forSaving = actorQuery({
  min: "admin",
  scope: "settings:write",
  bounds: { slug: LIMITS.gitConnection },
  args: { slug: v.string() },
  returns: v.object({
    ...beforeSealing,
    known: v.nullable(v.object({ ...shownRegistry.fields, ciphertext: v.string(), version: v.number() })),
  }),
  handler: async (ctx, { slug }) => {
    const { organizationId } = ctx.caller;
    const row = await registryOf(ctx, organizationId, slug);
    return {
      ...(await readyToSeal(ctx, organizationId, row)),
      known: row && { ...shown(row), ciphertext: row.ciphertext, version: row.version },
    };
  },
});

/**
 * Stores a registry in place of the one before: a server has asked it. Without a sealed credential that one's stays, as
 * long as it goes to the same place.
 * @throws invalid_request where another one is for the same packages, where there are too many, or where another save
 *   came between: nothing was stored
 */
export const save = actorMutation({
  min: "admin",
  scope: "settings:write",
  audit: "entry",
  bounds: {
    slug: LIMITS.gitConnection,
    url: LIMITS.baseUrl,
    username: LIMITS.gitUsername,
    scopes: LIMITS.registryScopes,
    statusDetail: LIMITS.statusDetail,
    verifiedAt: LIMITS.moment,
    sealed: {
      kind: "fields",
      fields: { ciphertext: LIMITS.ciphertext, version: LIMITS.keyVersion, last4: LIMITS.last4 },
    },
    dataKey: LIMITS.wrappedKey,
  },
  args: {
    ...registryFields,
    sealed: v.optional(v.object({ ciphertext: v.string(), version: v.number(), last4: v.string() })),
    /** The organization's new data key, where it had none. */
    dataKey: v.optional(dataKey),
  },
  returns: shownRegistry,
  handler: async (ctx, { sealed, dataKey, ...fields }) => {
    const { organizationId } = ctx.caller;
    const rows = await registriesOf(ctx, organizationId);
    checkPlaces(fields, rows);
    const known = rows.find(({ slug }) => slug === fields.slug);
    // A credential goes to the server that it was entered for, and to no other.
    const isSame =
      known?.kind === fields.kind && known.url === fields.url && known.username === fields.username;
    const secret = sealed ?? (isSame ? known : undefined);
    if (!secret) throw refuse("registry_token_missing");
    if (sealed)
      await takeSealed(
        ctx,
        organizationId,
        known ?? null,
        { version: sealed.version, dataKey },
        "registry_race",
      );
    if (!known && rows.length >= MAX_REGISTRIES) throw refuse("registry_limit", { limit: MAX_REGISTRIES });
    const { ciphertext, version, last4 } = secret;
    const row = { ...fields, ciphertext, version, last4, organizationId, updatedAt: Date.now() };
    if (known) await ctx.db.replace(known._id, row);
    const id = known?._id ?? (await ctx.db.insert("registries", row));
    await ctx.report({
      action: known ? "registry.changed" : "registry.added",
      target: fields.slug,
      ...(known && { before: audited(known) }),
      after: { ...audited(row), ...(known && { new_token: sealed !== undefined }) },
    });
    return shown((await ctx.db.get(id))!);
  },
});

/** Removes a registry; sandboxes can no longer install from it. @throws not_found */
export const remove = orgMutation({
  min: "admin",
  scope: "settings:write",
  audit: "entry",
  args: { slug: v.string() },
  returns: v.null(),
  handler: async (ctx, { slug }) => {
    const row = await registryOf(ctx, ctx.caller.organizationId, slug);
    if (!row) throw refuse("registry_not_found", { registry: slug });
    await ctx.db.delete(row._id);
    await ctx.report({ action: "registry.removed", target: slug, before: audited(row) });
  },
});

/** What a server's test of a stored registry found. @throws not_found */
export const noteTest = actorMutation({
  min: "admin",
  scope: "settings:write",
  audit: "entry",
  bounds: { statusDetail: LIMITS.statusDetail },
  args: { slug: v.string(), ...testResult },
  returns: shownRegistry,
  handler: async (ctx, { slug, ...found }) => {
    const row = await registryOf(ctx, ctx.caller.organizationId, slug);
    if (!row) throw refuse("registry_not_found", { registry: slug });
    const changes = testedNow(found);
    await ctx.db.patch(row._id, changes);
    await ctx.report({
      action: "registry.tested",
      target: slug,
      before: { status: row.status },
      after: { status: found.status },
    });
    return shown({ ...row, ...changes });
  },
});

/** A registry with the data key, for a server that makes requests to it; null where there is none. */
export const sealed = serviceQuery({
  args: { organizationId: v.id("organizations"), slug: v.string() },
  returns: v.nullable(
    v.object({
      slug: v.string(),
      kind: registryFields.kind,
      url: v.string(),
      username: v.string(),
      scopes: v.array(v.string()),
      ciphertext: v.string(),
      version: v.number(),
      dataKey,
    }),
  ),
  handler: async (ctx, { organizationId, slug }) => {
    const row = await registryOf(ctx, organizationId, slug);
    const dataKey = await dataKeyOf(ctx, organizationId);
    if (!row || !dataKey) return null;
    const { kind, url, username, scopes, ciphertext, version } = row;
    return { slug, kind, url, username, scopes, ciphertext, version, dataKey };
  },
});

/** A registry refused the credential while it was in use: what people see says so. */
export const markRejected = serviceMutation({
  args: {
    organizationId: v.id("organizations"),
    slug: v.string(),
    version: v.number(),
    statusDetail: v.string(),
  },
  returns: v.null(),
  handler: async (ctx, { organizationId, slug, version, statusDetail }) => {
    const row = await registryOf(ctx, organizationId, slug);
    // Another one was entered meanwhile.
    if (row?.version === version) await ctx.db.patch(row._id, { status: "error", statusDetail });
  },
});

/** What a sandbox's package managers are told of, for the server that makes it. */
export const forSandbox = serviceQuery({
  args: { organizationId: v.id("organizations") },
  returns: v.array(v.object({ slug: v.string(), kind: registryFields.kind, scopes: v.array(v.string()) })),
  handler: async (ctx, { organizationId }) =>
    (await registriesOf(ctx, organizationId)).map(({ slug, kind, scopes }) => ({ slug, kind, scopes })),
});

/**
 * Whose sandbox asks for a package: a session's, or that of a set-up build, by the hash of the project's key in it. Null
 * where the key, its session or the membership of its person has ended.
 */
export const ofToken = serviceQuery({
  args: { hash: v.string() },
  returns: v.nullable(v.object({ organizationId: v.id("organizations"), sandbox: v.string() })),
  handler: async (ctx, { hash }) => {
    const key = await ctx.db
      .query("apiKeys")
      .withIndex("by_hash", (q) => q.eq("hash", hash))
      .unique();
    if (key?.kind !== "sync" || key.revokedAt !== undefined) return null;
    if (key.expiresAt !== undefined && key.expiresAt <= Date.now()) return null;
    if (key.sessionId) {
      const session = await ctx.db.get(key.sessionId);
      if (!session || !isLive(session.status)) return null;
    }
    const { organizationId, userId } = key;
    const member = await ctx.db
      .query("members")
      .withIndex("by_organization_user", (q) => q.eq("organizationId", organizationId).eq("userId", userId))
      .unique();
    return !member || member.role === "viewer" ? null : { organizationId, sandbox: key.sessionId ?? key._id };
  },
});
