import { v } from "convex/values";
import type { Doc, Id } from "./_generated/dataModel";
import type { MutationCtx, QueryCtx } from "./_generated/server";
import { LIMITS } from "#domain/limits.ts";
import { isKeyProvider } from "#domain/providers.ts";
import {
  actorMutation,
  actorQuery,
  orgMutation,
  orgQuery,
  refuse,
  serviceMutation,
  serviceQuery,
} from "./functions.ts";
import { accountOf } from "./model/credits.ts";
import { dataKey, dataKeyOf } from "./model/data-keys.ts";
import { beforeSealing, readyToSeal, takeSealed, testedNow, testResult } from "./model/secrets.ts";
import { settingsOf } from "./model/settings.ts";
import { shownKey } from "./model/returns.ts";
import { endpointModel, providerStatus, settings, savedKey } from "./model/values.ts";

/** More endpoints than this are refused. */
const MAX_KEYS = 50;

async function keyOf(
  ctx: QueryCtx | MutationCtx,
  organizationId: Id<"organizations">,
  provider: string,
): Promise<Doc<"providerKeys"> | null> {
  return await ctx.db
    .query("providerKeys")
    .withIndex("by_provider", (q) => q.eq("organizationId", organizationId).eq("provider", provider))
    .unique();
}

function shown(row: Doc<"providerKeys">) {
  return {
    provider: row.provider,
    name: row.name,
    baseUrl: row.baseUrl ?? null,
    models: row.models ?? null,
    prefix: row.prefix,
    last4: row.last4,
    status: row.status,
    statusDetail: row.statusDetail ?? null,
    verifiedAt: row.verifiedAt ?? null,
    updatedAt: row.updatedAt,
  };
}

/** What the audit log keeps of a key: nothing of the key itself but its last characters. */
function auditedKey(row: Pick<Doc<"providerKeys">, "name" | "last4" | "status" | "baseUrl" | "models">) {
  return {
    name: row.name,
    last4: row.last4,
    status: row.status,
    ...(row.baseUrl !== undefined && { base_url: row.baseUrl }),
    ...(row.models && { models: row.models.map(({ id, prices }) => (prices ? { id, ...prices } : id)) }),
  };
}

/** The organization's keys as they may be shown: prefix and last four characters. */
export const list = orgQuery({
  min: "viewer",
  scope: "providers:read",
  args: {},
  returns: v.array(shownKey),
  handler: async (ctx) => {
    const rows = await ctx.db
      .query("providerKeys")
      .withIndex("by_provider", (q) => q.eq("organizationId", ctx.caller.organizationId))
      .take(MAX_KEYS);
    return rows.map(shown);
  },
});

/** What the server needs before it can encrypt: the organization's wrapped data key, and the next version. */
export const forSaving = actorQuery({
  min: "admin",
  scope: "providers:write",
  args: { provider: v.string() },
  returns: v.object(beforeSealing),
  handler: async (ctx, { provider }) => {
    const { organizationId } = ctx.caller;
    return await readyToSeal(ctx, organizationId, await keyOf(ctx, organizationId, provider));
  },
});

/**
 * Stores an encrypted key in place of the one before: a server has encrypted it, and asked its provider.
 * @throws unknown_provider
 * @throws invalid_request where another save came between: nothing was stored, try again
 */
export const save = actorMutation({
  min: "admin",
  scope: "providers:write",
  audit: "entry",
  bounds: {
    name: LIMITS.keyName,
    baseUrl: LIMITS.baseUrl,
    models: LIMITS.endpointModels,
    ciphertext: LIMITS.ciphertext,
    version: LIMITS.keyVersion,
    prefix: LIMITS.keyPrefix,
    last4: LIMITS.last4,
    statusDetail: LIMITS.statusDetail,
    verifiedAt: LIMITS.moment,
    dataKey: LIMITS.wrappedKey,
  },
  args: {
    ...savedKey,
    /** The organization's new data key, where it had none. */
    dataKey: v.optional(dataKey),
  },
  returns: v.nullable(shownKey),
  handler: async (ctx, { dataKey, ...fields }) => {
    const { organizationId } = ctx.caller;
    if (!isKeyProvider(fields.provider))
      throw refuse("provider_unknown", { provider: fields.provider, choices: [] });
    const known = await keyOf(ctx, organizationId, fields.provider);
    const { version } = fields;
    await takeSealed(ctx, organizationId, known, { version, dataKey }, "provider_key_race");
    const row = { ...fields, organizationId, updatedAt: Date.now() };
    if (known) await ctx.db.replace(known._id, row);
    else {
      const count = await ctx.db
        .query("providerKeys")
        .withIndex("by_provider", (q) => q.eq("organizationId", organizationId))
        .take(MAX_KEYS);
      if (count.length >= MAX_KEYS) throw refuse("provider_limit", { limit: MAX_KEYS });
      await ctx.db.insert("providerKeys", row);
    }
    await ctx.report({
      action: known ? "provider_key.replaced" : "provider_key.added",
      target: fields.provider,
      ...(known && { before: auditedKey(known) }),
      after: auditedKey(fields),
    });
    const saved = await keyOf(ctx, organizationId, fields.provider);
    return saved && shown(saved);
  },
});

/** Removes a key. @throws not_found */
export const remove = orgMutation({
  min: "admin",
  scope: "providers:write",
  audit: "entry",
  args: { provider: v.string() },
  returns: v.null(),
  handler: async (ctx, { provider }) => {
    const row = await keyOf(ctx, ctx.caller.organizationId, provider);
    if (!row) throw refuse("provider_key_not_found");
    await ctx.db.delete(row._id);
    await ctx.report({ action: "provider_key.removed", target: provider, before: auditedKey(row) });
  },
});

/** What a server's test of the key found. */
export const noteTest = actorMutation({
  min: "admin",
  scope: "providers:write",
  audit: "entry",
  bounds: { statusDetail: LIMITS.statusDetail },
  args: { provider: v.string(), ...testResult },
  returns: shownKey,
  handler: async (ctx, { provider, ...found }) => {
    const row = await keyOf(ctx, ctx.caller.organizationId, provider);
    if (!row) throw refuse("provider_key_not_found");
    const changes = testedNow(found);
    await ctx.db.patch(row._id, changes);
    await ctx.report({
      action: "provider_key.tested",
      target: provider,
      before: { status: row.status },
      after: { status: found.status },
    });
    return shown({ ...row, ...changes });
  },
});

/** A key with its data key, for a server that makes calls with it. */
export const sealed = serviceQuery({
  args: { organizationId: v.id("organizations"), provider: v.string() },
  returns: v.nullable(
    v.object({
      ciphertext: v.string(),
      version: v.number(),
      name: v.string(),
      baseUrl: v.nullable(v.string()),
      models: v.nullable(v.array(endpointModel)),
      status: providerStatus,
      dataKey,
    }),
  ),
  handler: async (ctx, { organizationId, provider }) => {
    const row = await keyOf(ctx, organizationId, provider);
    const dataKey = await dataKeyOf(ctx, organizationId);
    if (!row || !dataKey) return null;
    return {
      ciphertext: row.ciphertext,
      version: row.version,
      name: row.name,
      baseUrl: row.baseUrl ?? null,
      models: row.models ?? null,
      status: row.status,
      dataKey,
    };
  },
});

/** What an organization can pay with, its keys' statuses and its credits less what is held, and what it has decided. */
export const means = serviceQuery({
  args: { organizationId: v.id("organizations") },
  returns: v.object({
    settings,
    keys: v.array(
      v.object({
        provider: v.string(),
        name: v.string(),
        status: providerStatus,
        models: v.nullable(v.array(endpointModel)),
      }),
    ),
    creditsMicroUsd: v.number(),
  }),
  handler: async (ctx, { organizationId }) => {
    const [rows, account, settings] = await Promise.all([
      ctx.db
        .query("providerKeys")
        .withIndex("by_provider", (q) => q.eq("organizationId", organizationId))
        .take(MAX_KEYS),
      accountOf(ctx, organizationId),
      settingsOf(ctx, organizationId),
    ]);
    return {
      settings,
      keys: rows.map(({ provider, name, status, models }) => ({
        provider,
        name,
        status,
        models: models ?? null,
      })),
      creditsMicroUsd: (account?.balanceMicroUsd ?? 0) - (account?.heldMicroUsd ?? 0),
    };
  },
});

/** A provider refused the key while it was in use: it is not used again until somebody tests it. */
export const markRejected = serviceMutation({
  args: { organizationId: v.id("organizations"), provider: v.string(), statusDetail: v.string() },
  returns: v.null(),
  handler: async (ctx, { organizationId, provider, statusDetail }) => {
    const row = await keyOf(ctx, organizationId, provider);
    if (row) await ctx.db.patch(row._id, { status: "error", statusDetail });
  },
});

/** Data keys that an older operator's key wraps, a page at a time: what a rotation has still to do. */
export const dataKeysBefore = serviceQuery({
  args: { kekVersion: v.number() },
  returns: v.array(
    v.object({ id: v.id("dataKeys"), organizationId: v.id("organizations"), ...dataKey.fields }),
  ),
  handler: async (ctx, { kekVersion }) => {
    const rows = await ctx.db
      .query("dataKeys")
      .withIndex("by_version", (q) => q.lt("kekVersion", kekVersion))
      .take(100);
    return rows.map((row) => ({
      id: row._id,
      organizationId: row.organizationId,
      wrapped: row.wrapped,
      kekVersion: row.kekVersion,
    }));
  },
});

/** Puts a data key's new wrapping in place of the old one, if that is still there. */
export const rewrap = serviceMutation({
  args: { id: v.id("dataKeys"), before: v.string(), wrapped: v.string(), kekVersion: v.number() },
  returns: v.boolean(),
  handler: async (ctx, { id, before, wrapped, kekVersion }) => {
    const row = await ctx.db.get(id);
    if (row?.wrapped !== before) return false;
    await ctx.db.patch(id, { wrapped, kekVersion });
    return true;
  },
});
