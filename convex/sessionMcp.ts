import { v } from "convex/values";
import { isLive } from "#domain/lifecycle.ts";
import { MCP_TRANSPORTS, partChanges } from "#domain/mcp.ts";
import { mcpWait } from "#domain/waits.ts";
import type { Doc } from "./_generated/dataModel";
import { orgQuery, serviceMutation, serviceQuery } from "./functions.ts";
import { endWait } from "./model/approvals.ts";
import { dataKey, dataKeyOf } from "./model/data-keys.ts";
import { lookAgainMs, mcpFound, mcpListOf, mcpServerFields, mcpTools, putMcpList } from "./model/mcp.ts";
import { policyOf } from "./model/network.ts";
import { giveServers, onlyTools, partsOf, sessionServersOf } from "./model/session-mcp.ts";
import { SessionWriter } from "./model/session-writer.ts";
import { storedPolicy } from "./model/values.ts";
import { literals } from "./model/zod-validator.ts";
import { sessionOf } from "./model/sessions.ts";
import type { QueryCtx } from "./_generated/server";

const SOURCE = "studio.mcp";
/** Changes of one server's state that a session logs. */
const MAX_REPORTS = 20;
/** Waits for one server that a session logs. */
const MAX_WAITS = 100;
const CLAIM_MS = 10 * 60_000;

/** A server with all that it takes to use it, for one of Studio's own. */
const usable = v.object({
  serverId: v.id("mcpServers"),
  organizationId: v.id("organizations"),
  ...mcpServerFields,
  ciphertext: v.string(),
  version: v.number(),
  dataKey: v.nullable(dataKey),
  approvedDigest: v.string(),
});

async function usableOf(ctx: QueryCtx, row: Doc<"mcpServers">): Promise<typeof usable.type | null> {
  const { approvedDigest } = row;
  if (!row.enabled || approvedDigest === undefined) return null;
  const { name, transport, command, args, url, env, headers, ciphertext, version, organizationId } = row;
  return {
    serverId: row._id,
    organizationId,
    name,
    transport,
    ...(command !== undefined && { command }),
    ...(args !== undefined && { args }),
    ...(url !== undefined && { url }),
    env,
    headers,
    ciphertext,
    version,
    dataKey: await dataKeyOf(ctx, organizationId),
    approvedDigest,
  };
}

/**
 * Which servers a session gets: see `giveServers`.
 * @returns their ids, each asked for by itself, since its tools may be many; and the tools that it gets, null for all
 */
export const begin = serviceMutation({
  args: { sessionId: v.id("sandboxSessions") },
  returns: v.array(v.object({ serverId: v.id("mcpServers"), only: v.nullable(v.array(v.string())) })),
  handler: async (ctx, { sessionId }) => {
    const session = await ctx.db.get(sessionId);
    return session && isLive(session.status) ? await giveServers(ctx, session) : [];
  },
});

/** A server that is on, with its secrets and the tools that agents get; null where it is off or gone. */
export const server = serviceQuery({
  args: { serverId: v.id("mcpServers") },
  returns: v.nullable(v.object({ ...usable.fields, tools: v.string() })),
  handler: async (ctx, { serverId }) => {
    const row = await ctx.db.get(serverId);
    const found = row && (await usableOf(ctx, row));
    const list = found && (await mcpListOf(ctx, serverId, "approved"));
    return list ? { ...found, tools: list.tools } : null;
  },
});

/** The tools that agents get of a server, as `toolsText` writes them; null where others are approved by now. */
export const approvedTools = serviceQuery({
  args: { serverId: v.id("mcpServers"), digest: v.string() },
  returns: v.nullable(v.string()),
  handler: async (ctx, { serverId, digest }) => {
    const list = await mcpListOf(ctx, serverId, "approved");
    return list?.digest === digest ? list.tools : null;
  },
});

/** The servers that a session has, as their tools are told from others. */
export const namesOf = serviceQuery({
  args: { sessionId: v.id("sandboxSessions") },
  returns: v.array(v.object({ name: v.string(), tools: v.array(v.string()) })),
  handler: async (ctx, { sessionId }) =>
    (await sessionServersOf(ctx, sessionId)).map(({ name, toolNames }) => ({ name, tools: toolNames })),
});

/** The sealed values of those of a session's servers that run in its sandbox. */
export const sealed = serviceQuery({
  args: { sessionId: v.id("sandboxSessions") },
  returns: v.array(
    v.object({
      organizationId: v.id("organizations"),
      name: v.string(),
      version: v.number(),
      ciphertext: v.string(),
      dataKey,
    }),
  ),
  handler: async (ctx, { sessionId }) => {
    const rows = await Promise.all(
      (await sessionServersOf(ctx, sessionId)).map(async ({ serverId }) => await ctx.db.get(serverId)),
    );
    const inside = rows.filter((row) => row?.transport === "stdio" && Object.keys(row.env).length > 0);
    const [first] = inside;
    const key = first ? await dataKeyOf(ctx, first.organizationId) : null;
    if (!key) return [];
    return inside.flatMap((row) =>
      row
        ? [
            {
              organizationId: row.organizationId,
              name: row.name,
              version: row.version,
              ciphertext: row.ciphertext,
              dataKey: key,
            },
          ]
        : [],
    );
  },
});

/** The network policy under which an organization's servers are tested. */
export const networkOf = serviceQuery({
  args: { organizationId: v.id("organizations") },
  returns: storedPolicy,
  handler: async (ctx, { organizationId }) => await policyOf(ctx, organizationId, "development"),
});

/**
 * What a session's sandbox says of one of its servers, which is logged where it is something else than before.
 * @returns false where the session does not have that server, or has ended
 */
export const reported = serviceMutation({
  args: {
    sessionId: v.id("sandboxSessions"),
    name: v.string(),
    connected: v.boolean(),
    tools: v.number(),
    reason: v.string(),
  },
  returns: v.boolean(),
  handler: async (ctx, { sessionId, name, connected, tools, reason }) => {
    const its = (await sessionServersOf(ctx, sessionId)).find((row) => row.name === name);
    const session = await ctx.db.get(sessionId);
    if (!its || !session || !isLive(session.status)) return false;
    const reports = its.reports ?? 0;
    const isNew = its.isConnected !== connected;
    // A sandbox that says now this and now that fills no log.
    if (!isNew || reports >= MAX_REPORTS) return true;
    await ctx.db.patch(its._id, { isConnected: connected, reports: reports + 1 });
    const writer = await SessionWriter.open(ctx, sessionId);
    await writer.append(
      connected
        ? {
            type: "mcp.server.connected",
            source: SOURCE,
            payload: { server_name: name, server_uri: `mcp:${name}`, tools_count: tools },
          }
        : { type: "mcp.server.disconnected", source: SOURCE, payload: { server_name: name, reason } },
    );
    await writer.save();
    return true;
  },
});

/**
 * Says that a session waits for one of its servers, whose tool takes long, or that it no longer does. Only a run that
 * waits for nothing else waits for that.
 */
export const waits = serviceMutation({
  args: { sessionId: v.id("sandboxSessions"), name: v.string(), waiting: v.boolean() },
  returns: v.null(),
  handler: async (ctx, { sessionId, name, waiting }) => {
    const its = (await sessionServersOf(ctx, sessionId)).find((row) => row.name === name);
    const session = await ctx.db.get(sessionId);
    if (!its || session?.status !== "active") return;
    const message = mcpWait(name);
    const { waitingFor, waitDetail } = session;
    if (waiting ? waitingFor !== null : waitingFor !== "mcp" || waitDetail?.message !== message) return;
    const count = its.waits ?? 0;
    // A sandbox that waits without end fills no log; one that waits still can always end it.
    if (waiting && count >= MAX_WAITS) return;
    if (waiting) await ctx.db.patch(its._id, { waits: count + 1 });
    const writer = await SessionWriter.open(ctx, sessionId);
    if (waiting) await writer.wait("mcp", { status: 0, message, retryAt: null });
    else await endWait(writer);
    await writer.save();
  },
});

/**
 * The server that a session's sandbox asks for, by the hash of the project's key in it. Null where the key, its session
 * or the membership of its person has ended, where the session does not have the server, or where that is off.
 */
export const ofToken = serviceQuery({
  args: { hash: v.string(), name: v.string() },
  returns: v.nullable(
    v.object({
      ...usable.fields,
      sessionId: v.id("sandboxSessions"),
      /** The tools that the session gets; null for all. */
      only: v.nullable(v.array(v.string())),
    }),
  ),
  handler: async (ctx, { hash, name }) => {
    const key = await ctx.db
      .query("apiKeys")
      .withIndex("by_hash", (q) => q.eq("hash", hash))
      .unique();
    if (key?.kind !== "sync" || key.revokedAt !== undefined || key.sessionId === undefined) return null;
    if (key.expiresAt !== undefined && key.expiresAt <= Date.now()) return null;
    const session = await ctx.db.get(key.sessionId);
    if (!session || !isLive(session.status)) return null;
    const { organizationId, userId } = key;
    const member = await ctx.db
      .query("members")
      .withIndex("by_organization_user", (q) => q.eq("organizationId", organizationId).eq("userId", userId))
      .unique();
    if (!member || member.role === "viewer") return null;
    const its = (await sessionServersOf(ctx, session._id)).find((row) => row.name === name);
    const row = its && (await ctx.db.get(its.serverId));
    const found = row && (await usableOf(ctx, row));
    return found ? { ...found, sessionId: session._id, only: onlyTools(its, row) } : null;
  },
});

/** What a use of a server, or Studio's own look at it, has found. Of one that was changed meanwhile, it says nothing. */
export const noteFound = serviceMutation({
  args: {
    serverId: v.id("mcpServers"),
    version: v.number(),
    ...mcpFound,
    found: v.optional(v.object(mcpTools)),
  },
  returns: v.null(),
  handler: async (ctx, { serverId, version, found, ...result }) => {
    const row = await ctx.db.get(serverId);
    if (row?.version !== version) return;
    if (found && row.foundDigest !== found.digest) await putMcpList(ctx, row, "found", found);
    await ctx.db.patch(serverId, {
      statusDetail: undefined,
      ...result,
      testedAt: Date.now(),
      ...(found && { foundDigest: found.digest }),
      ...(row.enabled && { dueAt: Date.now() + lookAgainMs(row.transport) }),
    });
  },
});

/**
 * Takes a server that is due to be looked at, so that no other server of Studio's does.
 * @returns null where it is not due any more
 */
export const claim = serviceMutation({
  args: { serverId: v.id("mcpServers") },
  returns: v.nullable(usable),
  handler: async (ctx, { serverId }) => {
    const row = await ctx.db.get(serverId);
    const now = Date.now();
    if (!row?.enabled || row.dueAt === undefined || row.dueAt > now) return null;
    // Where this server ends in the middle of it, it is due again after that.
    await ctx.db.patch(serverId, { dueAt: now + CLAIM_MS });
    return await usableOf(ctx, row);
  },
});

/** The servers that a session got, and whether they are still the same. */
export const ofSession = orgQuery({
  min: "viewer",
  scope: "sessions:read",
  args: { sessionId: v.string() },
  returns: v.array(
    v.object({
      name: v.string(),
      digest: v.string(),
      toolNames: v.array(v.string()),
      toolHashes: v.optional(v.array(v.string())),
      /** `gone`: removed or off; `changed`: other tools are approved by now. */
      state: v.union(v.literal("same"), v.literal("changed"), v.literal("gone")),
      transport: v.nullable(literals(MCP_TRANSPORTS)),
      /** Whether it runs, or can be reached, as far as the session knows. */
      connected: v.nullable(v.boolean()),
      /** What is approved by now and was not then, each by its name; null where nothing differs. */
      changes: v.nullable(
        v.object({
          added: v.array(v.string()),
          removed: v.array(v.string()),
          changed: v.array(v.string()),
        }),
      ),
    }),
  ),
  handler: async (ctx, { sessionId }) => {
    const { _id } = await sessionOf(ctx, ctx.caller, sessionId);
    return await Promise.all(
      (await sessionServersOf(ctx, _id)).map(async (its) => {
        const { serverId, name, digest, toolNames, toolHashes } = its;
        const row = await ctx.db.get(serverId);
        const state = !row?.enabled
          ? ("gone" as const)
          : row.approvedDigest === digest
            ? ("same" as const)
            : ("changed" as const);
        const now = row?.approvedParts;
        return {
          name,
          digest,
          toolNames,
          ...(toolHashes && { toolHashes }),
          state,
          transport: row?.transport ?? null,
          connected: its.isConnected ?? null,
          changes: state === "changed" && toolHashes && now ? partChanges(partsOf(its), now) : null,
        };
      }),
    );
  },
});
