import { v } from "convex/values";
import type { Doc } from "./_generated/dataModel";
import { MAX_GIT_CONNECTIONS } from "#domain/git.ts";
import { LIMITS } from "#domain/limits.ts";
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
import { checkEntries, connectionFields, connectionOf } from "./model/git.ts";
import { beforeSealing, readyToSeal, takeSealed, testedNow, testResult } from "./model/secrets.ts";
import { providerStatus } from "./model/values.ts";

const githubApp = v.object({ appId: v.string(), installationId: v.string() });

const shownConnection = v.object({
  ...connectionFields,
  apiUrl: v.nullable(v.string()),
  app: v.nullable(githubApp),
  statusDetail: v.nullable(v.string()),
  verifiedAt: v.nullable(v.number()),
  last4: v.string(),
  updatedAt: v.number(),
  /** Where its host sends webhooks to, and since when they have their secret; null where it has none. */
  hook: v.nullable(v.object({ id: v.id("gitConnections"), madeAt: v.number() })),
});

const shown = (row: Doc<"gitConnections">) => ({
  slug: row.slug,
  kind: row.kind,
  name: row.name,
  baseUrl: row.baseUrl,
  apiUrl: row.apiUrl ?? null,
  app: row.app ?? null,
  username: row.username,
  repositories: row.repositories,
  status: row.status,
  statusDetail: row.statusDetail ?? null,
  verifiedAt: row.verifiedAt ?? null,
  last4: row.last4,
  updatedAt: row.updatedAt,
  hook: row.hook ? { id: row._id, madeAt: row.hook.madeAt } : null,
});

/** What the audit log keeps: nothing of the credential but its last characters. */
const audited = (
  row: Pick<Doc<"gitConnections">, "kind" | "baseUrl" | "username" | "app" | "repositories" | "last4">,
) => ({
  kind: row.kind,
  base_url: row.baseUrl,
  username: row.username,
  ...(row.app && { app_id: row.app.appId, installation_id: row.app.installationId }),
  repositories: row.repositories,
  last4: row.last4,
});

/** The organization's connections to git servers, by their slugs; never their credentials. */
export const list = orgQuery({
  min: "viewer",
  scope: "settings:read",
  args: {},
  returns: v.array(shownConnection),
  handler: async (ctx) => {
    const rows = await ctx.db
      .query("gitConnections")
      .withIndex("by_slug", (q) => q.eq("organizationId", ctx.caller.organizationId))
      .take(MAX_GIT_CONNECTIONS);
    return rows.map(shown);
  },
});

/** What the server needs before it can test and encrypt: what is there, the data key, and the next version. */
export const forSaving = actorQuery({
  min: "admin",
  scope: "settings:write",
  bounds: { slug: LIMITS.gitConnection },
  args: { slug: v.string() },
  returns: v.object({
    ...beforeSealing,
    known: v.nullable(v.object({ ...shownConnection.fields, ciphertext: v.string(), version: v.number() })),
  }),
  handler: async (ctx, { slug }) => {
    const { organizationId } = ctx.caller;
    const row = await connectionOf(ctx, organizationId, slug);
    return {
      ...(await readyToSeal(ctx, organizationId, row)),
      known: row && { ...shown(row), ciphertext: row.ciphertext, version: row.version },
    };
  },
});

/** A credential goes to the server that it was entered for, and to no other. */
const isSamePlace = (
  a: Doc<"gitConnections">,
  b: Pick<Doc<"gitConnections">, "kind" | "baseUrl" | "apiUrl" | "username" | "app">,
) =>
  a.kind === b.kind &&
  a.baseUrl === b.baseUrl &&
  a.apiUrl === b.apiUrl &&
  a.username === b.username &&
  a.app?.appId === b.app?.appId &&
  a.app?.installationId === b.app?.installationId;

/**
 * Stores a connection in place of the one before: a server has asked its git server. Without a sealed credential that
 * one's stays, as long as it goes to the same place.
 * @throws invalid_request where there are too many, or where another save came between: nothing was stored, try again
 */
export const save = actorMutation({
  min: "admin",
  scope: "settings:write",
  audit: "entry",
  bounds: {
    slug: LIMITS.gitConnection,
    name: LIMITS.keyName,
    baseUrl: LIMITS.baseUrl,
    apiUrl: LIMITS.baseUrl,
    username: LIMITS.gitUsername,
    app: LIMITS.githubApp,
    repositories: LIMITS.gitRepositories,
    statusDetail: LIMITS.statusDetail,
    verifiedAt: LIMITS.moment,
    sealed: {
      kind: "fields",
      fields: { ciphertext: LIMITS.ciphertext, version: LIMITS.keyVersion, last4: LIMITS.last4 },
    },
    dataKey: LIMITS.wrappedKey,
  },
  args: {
    ...connectionFields,
    sealed: v.optional(v.object({ ciphertext: v.string(), version: v.number(), last4: v.string() })),
    /** The organization's new data key, where it had none. */
    dataKey: v.optional(dataKey),
  },
  returns: shownConnection,
  handler: async (ctx, { sealed, dataKey, ...fields }) => {
    const { organizationId } = ctx.caller;
    checkEntries(fields);
    if ((fields.kind === "github_app") !== (fields.app !== undefined)) throw refuse("git_app_missing");
    const known = await connectionOf(ctx, organizationId, fields.slug);
    if (!sealed && (!known || !isSamePlace(known, fields))) throw refuse("git_token_missing");
    const secret = sealed ?? known;
    if (!secret) throw refuse("git_token_missing");
    if (sealed)
      await takeSealed(
        ctx,
        organizationId,
        known,
        { version: sealed.version, dataKey },
        "git_connection_race",
      );
    const { ciphertext, version, last4 } = secret;
    // Another kind of host signs in another way.
    const hook = known?.kind === fields.kind ? known.hook : undefined;
    const row = {
      ...fields,
      ciphertext,
      version,
      last4,
      organizationId,
      updatedAt: Date.now(),
      ...(hook && { hook }),
    };
    let id = known?._id;
    if (id) await ctx.db.replace(id, row);
    else {
      const others = await ctx.db
        .query("gitConnections")
        .withIndex("by_slug", (q) => q.eq("organizationId", organizationId))
        .take(MAX_GIT_CONNECTIONS);
      if (others.length >= MAX_GIT_CONNECTIONS)
        throw refuse("git_connection_limit", { limit: MAX_GIT_CONNECTIONS });
      id = await ctx.db.insert("gitConnections", row);
    }
    await ctx.report({
      action: known ? "git_connection.changed" : "git_connection.added",
      target: fields.slug,
      ...(known && { before: audited(known) }),
      after: { ...audited(row), ...(known && { new_token: sealed !== undefined }) },
    });
    const saved = await ctx.db.get(id);
    if (!saved) throw refuse("git_connection_not_found", { connection: fields.slug });
    return shown(saved);
  },
});

/** Removes a connection; sessions that work with it can no longer fetch and push. @throws not_found */
export const remove = orgMutation({
  min: "admin",
  scope: "settings:write",
  audit: "entry",
  args: { slug: v.string() },
  returns: v.null(),
  handler: async (ctx, { slug }) => {
    const row = await connectionOf(ctx, ctx.caller.organizationId, slug);
    if (!row) throw refuse("git_connection_not_found", { connection: slug });
    await ctx.db.delete(row._id);
    await ctx.report({ action: "git_connection.removed", target: slug, before: audited(row) });
  },
});

/** What a server's test of a stored connection found. @throws not_found */
export const noteTest = actorMutation({
  min: "admin",
  scope: "settings:write",
  audit: "entry",
  bounds: { statusDetail: LIMITS.statusDetail },
  args: { slug: v.string(), ...testResult },
  returns: shownConnection,
  handler: async (ctx, { slug, ...found }) => {
    const row = await connectionOf(ctx, ctx.caller.organizationId, slug);
    if (!row) throw refuse("git_connection_not_found", { connection: slug });
    const changes = testedNow(found);
    await ctx.db.patch(row._id, changes);
    await ctx.report({
      action: "git_connection.tested",
      target: slug,
      before: { status: row.status },
      after: { status: found.status },
    });
    return shown({ ...row, ...changes });
  },
});

/** A connection with its sealed credential and the data key, as a server needs it. */
export const sealedConnection = v.object({
  slug: v.string(),
  kind: connectionFields.kind,
  baseUrl: v.string(),
  apiUrl: v.nullable(v.string()),
  app: v.nullable(githubApp),
  username: v.string(),
  repositories: v.array(v.string()),
  status: providerStatus,
  ciphertext: v.string(),
  version: v.number(),
  dataKey,
});

/** A connection with its data key, for a server that makes requests with it; null where there is none. */
export const sealed = serviceQuery({
  args: { organizationId: v.id("organizations"), slug: v.string() },
  returns: v.nullable(sealedConnection),
  handler: async (ctx, { organizationId, slug }) => {
    const row = await connectionOf(ctx, organizationId, slug);
    const dataKey = await dataKeyOf(ctx, organizationId);
    if (!row || !dataKey) return null;
    const { kind, baseUrl, username, repositories, status, ciphertext, version } = row;
    return {
      slug,
      kind,
      baseUrl,
      apiUrl: row.apiUrl ?? null,
      app: row.app ?? null,
      username,
      repositories,
      status,
      ciphertext,
      version,
      dataKey,
    };
  },
});

/** A git server refused the credential while it was in use: what people see says so. */
export const markRejected = serviceMutation({
  args: {
    organizationId: v.id("organizations"),
    slug: v.string(),
    version: v.number(),
    statusDetail: v.string(),
  },
  returns: v.null(),
  handler: async (ctx, { organizationId, slug, version, statusDetail }) => {
    const row = await connectionOf(ctx, organizationId, slug);
    // Another one was entered meanwhile.
    if (row?.version !== version || row.statusDetail === statusDetail) return;
    await ctx.db.patch(row._id, { status: "error", statusDetail });
  },
});
