import { v } from "convex/values";
import { GIT_KINDS } from "#domain/git.ts";
import { LIMITS } from "#domain/limits.ts";
import {
  actorMutation,
  actorQuery,
  orgMutation,
  refuse,
  serviceMutation,
  serviceQuery,
} from "./functions.ts";
import { dataKey, dataKeyOf } from "./model/data-keys.ts";
import { connectionOf, pullRequest } from "./model/git.ts";
import { pokeGreen } from "./model/green.ts";
import { hookedRepositories, isFreshDelivery } from "./model/hooks.ts";
import { literals } from "./model/zod-validator.ts";

/** What a server needs before it can make a connection a webhook secret. @throws not_found | invalid_request */
export const forMaking = actorQuery({
  min: "admin",
  scope: "settings:write",
  bounds: { slug: LIMITS.gitConnection },
  args: { slug: v.string() },
  returns: v.object({
    organizationId: v.id("organizations"),
    connectionId: v.id("gitConnections"),
    kind: literals(GIT_KINDS),
    nextVersion: v.number(),
    dataKey,
  }),
  handler: async (ctx, { slug }) => {
    const { organizationId } = ctx.caller;
    const row = await connectionOf(ctx, organizationId, slug);
    if (!row) throw refuse("git_connection_not_found", { connection: slug });
    if (row.kind === "git") throw refuse("git_no_webhooks", { connection: slug });
    const key = await dataKeyOf(ctx, organizationId);
    if (!key) throw refuse("git_credentials_unreadable");
    const { _id: connectionId, kind, hook } = row;
    return { organizationId, connectionId, kind, nextVersion: (hook?.version ?? 0) + 1, dataKey: key };
  },
});

/**
 * Stores the secret that a connection's host signs webhooks with, in place of the one before, which ends at once.
 * @throws invalid_request where another one was made meanwhile
 */
export const make = actorMutation({
  min: "admin",
  scope: "settings:write",
  audit: "entry",
  bounds: { slug: LIMITS.gitConnection, ciphertext: LIMITS.ciphertext, version: LIMITS.keyVersion },
  args: { slug: v.string(), ciphertext: v.string(), version: v.number() },
  returns: v.id("gitConnections"),
  handler: async (ctx, { slug, ciphertext, version }) => {
    const row = await connectionOf(ctx, ctx.caller.organizationId, slug);
    if (!row) throw refuse("git_connection_not_found", { connection: slug });
    if (row.kind === "git") throw refuse("git_no_webhooks", { connection: slug });
    if (version !== (row.hook?.version ?? 0) + 1) throw refuse("git_connection_race");
    await ctx.db.patch(row._id, { hook: { ciphertext, version, madeAt: Date.now() } });
    await ctx.report({
      action: row.hook ? "git_connection.webhook_replaced" : "git_connection.webhook_added",
      target: slug,
    });
    return row._id;
  },
});

/** Takes no more webhooks for a connection. @throws not_found */
export const remove = orgMutation({
  min: "admin",
  scope: "settings:write",
  audit: "entry",
  args: { slug: v.string() },
  returns: v.null(),
  handler: async (ctx, { slug }) => {
    const row = await connectionOf(ctx, ctx.caller.organizationId, slug);
    if (!row) throw refuse("git_connection_not_found", { connection: slug });
    await ctx.db.patch(row._id, { hook: undefined });
    await ctx.report(row.hook ? { action: "git_connection.webhook_removed", target: slug } : null);
  },
});

/** What a webhook's signature is checked with; null where the address is no connection's that takes any. */
export const sealed = serviceQuery({
  args: { connectionId: v.string() },
  returns: v.nullable(
    v.object({
      organizationId: v.id("organizations"),
      connectionId: v.id("gitConnections"),
      slug: v.string(),
      kind: literals(GIT_KINDS),
      ciphertext: v.string(),
      version: v.number(),
      dataKey,
    }),
  ),
  handler: async (ctx, { connectionId }) => {
    const id = ctx.db.normalizeId("gitConnections", connectionId);
    const row = id && (await ctx.db.get(id));
    const organization = row && (await ctx.db.get(row.organizationId));
    if (!row?.hook || !organization || organization.deletedAt !== undefined) return null;
    const key = await dataKeyOf(ctx, row.organizationId);
    if (!key) return null;
    const { organizationId, _id, slug, kind, hook } = row;
    const { ciphertext, version } = hook;
    return { organizationId, connectionId: _id, slug, kind, ciphertext, version, dataKey: key };
  },
});

/**
 * Takes a delivery whose signature a server has checked. What it is about is looked at again, and is not believed.
 * @param args `keys`: names of the delivery, any of which says that it has come before; `numbers`, `branches`: the pull
 * requests that it names
 * @returns the sessions' pull requests that it may be about; null where it has come before
 */
export const take = serviceMutation({
  args: {
    connectionId: v.id("gitConnections"),
    keys: v.array(v.string()),
    repository: v.string(),
    numbers: v.array(v.number()),
    branches: v.array(v.string()),
  },
  returns: v.nullable(
    v.array(
      v.object({
        organizationId: v.id("organizations"),
        sessionId: v.id("sandboxSessions"),
        folder: v.string(),
        connection: v.string(),
        repository: v.string(),
        pullRequest,
      }),
    ),
  ),
  handler: async (ctx, { connectionId, keys, ...named }) => {
    const connection = await ctx.db.get(connectionId);
    if (!connection || !(await isFreshDelivery(ctx, connection, keys))) return null;
    const rows = await hookedRepositories(ctx, connection, named);
    for (const row of rows) await pokeGreen(ctx, row);
    return rows.flatMap(
      ({ organizationId, sessionId, folder, connection: slug, repository, pullRequest: pull }) =>
        pull ? [{ organizationId, sessionId, folder, connection: slug, repository, pullRequest: pull }] : [],
    );
  },
});
