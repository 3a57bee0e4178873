import { v } from "convex/values";
import type { Doc } from "./_generated/dataModel";
import { LIMITS } from "#domain/limits.ts";
import { MAX_MCP_SERVERS } from "#domain/mcp.ts";
import { actorMutation, actorQuery, orgMutation, orgQuery, refuse } from "./functions.ts";
import { dataKey } from "./model/data-keys.ts";
import {
  dropMcpDays,
  dropMcpGrant,
  dropMcpLists,
  lookAgainMs,
  mcpFound,
  mcpListOf,
  mcpServerFields,
  mcpServerNamed,
  mcpServerOf,
  mcpServersOf,
  mcpSignedIn,
  mcpTools,
  putMcpList,
} from "./model/mcp.ts";
import { beforeSealing, readyToSeal, takeSealed } from "./model/secrets.ts";

/** A server as people see it. */
export const shownServer = v.object({
  id: v.id("mcpServers"),
  ...mcpServerFields,
  ...mcpFound,
  ...mcpSignedIn,
  enabled: v.boolean(),
  testedAt: v.optional(v.number()),
  approvedDigest: v.optional(v.string()),
  foundDigest: v.optional(v.string()),
  toolsCount: v.number(),
  createdAt: v.number(),
  updatedAt: v.number(),
});

/** The same of a row. */
export function shown(row: Doc<"mcpServers">): typeof shownServer.type {
  const { _id, _creationTime, organizationId: _o, ciphertext: _c, version: _v, ...more } = row;
  const { dueAt: _d, approvedParts: _p, ...rest } = more;
  return { id: _id, ...rest, createdAt: Math.floor(_creationTime) };
}

/** What the audit log keeps: the names of variables and headers, nothing of their values. */
const audited = ({
  transport,
  command,
  args,
  url,
  env,
  headers,
}: Pick<Doc<"mcpServers">, "transport" | "command" | "args" | "url" | "env" | "headers">) => ({
  transport,
  ...(command !== undefined && { command, args }),
  ...(url !== undefined && { url }),
  env: Object.keys(env),
  headers: Object.keys(headers),
});

/** The organization's MCP servers, by their names; never the values of their variables and headers. */
export const list = orgQuery({
  min: "viewer",
  scope: "settings:read",
  args: {},
  returns: v.array(shownServer),
  handler: async (ctx) => (await mcpServersOf(ctx, ctx.caller.organizationId)).map(shown),
});

const listed = v.nullable(
  v.object({ tools: v.string(), digest: v.string(), count: v.number(), at: v.number() }),
);
const listOf = (row: Doc<"mcpToolLists"> | null): typeof listed.type =>
  row && { tools: row.tools, digest: row.digest, count: row.count, at: row.at };

/** A server's tools: those that agents get, and those that it was last found to offer. @throws mcp_not_found */
export const tools = orgQuery({
  min: "viewer",
  scope: "settings:read",
  args: { serverId: v.string() },
  returns: v.object({ server: shownServer, approved: listed, found: listed }),
  handler: async (ctx, { serverId }) => {
    const row = await mcpServerOf(ctx, ctx.caller.organizationId, serverId);
    return {
      server: shown(row),
      approved: listOf(await mcpListOf(ctx, row._id, "approved")),
      found: listOf(await mcpListOf(ctx, row._id, "found")),
    };
  },
});

/** The tools of a server that agents get, as `toolsText` writes them; null while it is off. @throws mcp_not_found */
export const approved = orgQuery({
  min: "viewer",
  scope: "settings:read",
  args: { serverId: v.string() },
  returns: v.nullable(v.string()),
  handler: async (ctx, { serverId }) => {
    const row = await mcpServerOf(ctx, ctx.caller.organizationId, serverId);
    return row.enabled ? ((await mcpListOf(ctx, row._id, "approved"))?.tools ?? null) : null;
  },
});

/** What a server of Studio's needs before it can encrypt, or test: what is there, the data key, and the next version. */
export const forSaving = actorQuery({
  min: "admin",
  scope: "settings:write",
  args: { serverId: v.optional(v.string()) },
  returns: v.object({
    ...beforeSealing,
    known: v.nullable(v.object({ ...shownServer.fields, ciphertext: v.string(), version: v.number() })),
  }),
  handler: async (ctx, { serverId }) => {
    const { organizationId } = ctx.caller;
    const row = serverId === undefined ? null : await mcpServerOf(ctx, organizationId, serverId);
    return {
      ...(await readyToSeal(ctx, organizationId, row)),
      known: row && { ...shown(row), ciphertext: row.ciphertext, version: row.version },
    };
  },
});

/**
 * Stores a server, new or in place of what it was. Where it is reached in another way, what it was found to offer and
 * what was approved is forgotten, and it is off until somebody has looked at its tools again.
 * @throws invalid_request where the name is taken, where there are too many, or where another save came between
 */
export const save = actorMutation({
  min: "admin",
  scope: "settings:write",
  audit: "entry",
  bounds: {
    name: LIMITS.mcpName,
    command: LIMITS.mcpCommand,
    args: LIMITS.mcpArgs,
    url: LIMITS.mcpUrl,
    sealed: {
      kind: "fields",
      fields: { ciphertext: LIMITS.mcpCiphertext, version: LIMITS.keyVersion },
    },
    dataKey: LIMITS.wrappedKey,
  },
  args: {
    serverId: v.optional(v.string()),
    ...mcpServerFields,
    /** All values of its variables and headers; bound to the server's name and this version. */
    sealed: v.object({ ciphertext: v.string(), version: v.number() }),
    /** The organization's new data key, where it had none. */
    dataKey: v.optional(dataKey),
  },
  returns: shownServer,
  handler: async (ctx, { serverId, sealed, dataKey, ...fields }) => {
    const { organizationId } = ctx.caller;
    const known = serverId === undefined ? null : await mcpServerOf(ctx, organizationId, serverId);
    const namesake = await mcpServerNamed(ctx, organizationId, fields.name);
    if (namesake && namesake._id !== known?._id) throw refuse("mcp_name_taken", { name: fields.name });
    await takeSealed(ctx, organizationId, known, { version: sealed.version, dataKey }, "mcp_race");
    if (!known && (await mcpServersOf(ctx, organizationId)).length >= MAX_MCP_SERVERS)
      throw refuse("mcp_limit", { limit: MAX_MCP_SERVERS });
    // Tokens go only where they were given for.
    const isKept = known?.transport === fields.transport && known.url === fields.url;
    const row = {
      ...fields,
      ...(isKept && { signIn: known.signIn, signedInAt: known.signedInAt }),
      organizationId,
      enabled: false,
      status: "disconnected" as const,
      toolsCount: 0,
      ...sealed,
      updatedAt: Date.now(),
    };
    if (known) {
      await dropMcpLists(ctx, known._id);
      if (!isKept) await dropMcpGrant(ctx, known._id);
      await ctx.db.replace(known._id, row);
    }
    const id = known?._id ?? (await ctx.db.insert("mcpServers", row));
    await ctx.report({
      action: known ? "mcp.changed" : "mcp.added",
      target: fields.name,
      ...(known && { before: audited(known) }),
      after: audited(row),
    });
    return shown((await ctx.db.get(id))!);
  },
});

/** Removes a server: no session gets it any more, and those that have it can no longer use it. @throws mcp_not_found */
export const remove = orgMutation({
  min: "admin",
  scope: "settings:write",
  audit: "entry",
  args: { serverId: v.string() },
  returns: v.null(),
  handler: async (ctx, { serverId }) => {
    const row = await mcpServerOf(ctx, ctx.caller.organizationId, serverId);
    await dropMcpLists(ctx, row._id);
    await dropMcpGrant(ctx, row._id);
    await dropMcpDays(ctx, row._id);
    await ctx.db.delete(row._id);
    await ctx.report({ action: "mcp.removed", target: row.name, before: audited(row) });
  },
});

/**
 * Has sessions get a server, or no longer. To have them get it approves the tools that it was last found to offer: with
 * their descriptions, these are what agents are told.
 * @param args `seen`: the digest of the tools that the person has seen; without it, others than were approved before are not
 * @throws mcp_not_found | mcp_not_tested | mcp_tools_moved where it was found to offer others meanwhile
 */
export const enable = orgMutation({
  min: "admin",
  scope: "settings:write",
  audit: "entry",
  args: { serverId: v.string(), enabled: v.boolean(), seen: v.optional(v.string()) },
  returns: shownServer,
  handler: async (ctx, { serverId, enabled, seen }) => {
    const row = await mcpServerOf(ctx, ctx.caller.organizationId, serverId);
    const found = enabled ? await mcpListOf(ctx, row._id, "found") : null;
    if (enabled && !found) throw refuse("mcp_not_tested", { name: row.name });
    const isMoved = found !== null && row.approvedDigest !== undefined && row.approvedDigest !== found.digest;
    // A program that only says again that it is to be on has not seen what changed.
    if (seen === undefined && isMoved && row.enabled) {
      await ctx.report(null);
      return shown(row);
    }
    if (found && (seen === undefined ? isMoved : seen !== found.digest))
      throw refuse("mcp_tools_moved", { name: row.name });
    const changes = {
      enabled,
      ...(found && {
        approvedDigest: found.digest,
        toolsCount: found.count,
        approvedParts: found.parts,
      }),
    };
    if (row.enabled === enabled && (!found || row.approvedDigest === found.digest)) {
      await ctx.report(null);
      return shown(row);
    }
    if (found) {
      const { tools, digest, count, parts } = found;
      await putMcpList(ctx, row, "approved", { tools, digest, count, ...(parts && { parts }) });
    }
    const now = Date.now();
    await ctx.db.patch(row._id, {
      ...changes,
      updatedAt: now,
      dueAt: enabled ? now + lookAgainMs(row.transport) : undefined,
    });
    await ctx.report({
      action: enabled ? (row.enabled ? "mcp.tools_approved" : "mcp.enabled") : "mcp.disabled",
      target: row.name,
      before: { enabled: row.enabled, tools: row.approvedDigest ?? null },
      after: { enabled, tools: changes.approvedDigest ?? row.approvedDigest ?? null },
    });
    return shown((await ctx.db.get(row._id))!);
  },
});

/**
 * What a test of a server has found. Of one that was changed meanwhile, it says nothing.
 * @param args `found`: what it offers, where it was reached
 * @throws mcp_not_found | mcp_race
 */
export const noteTest = actorMutation({
  min: "admin",
  scope: "settings:write",
  audit: "entry",
  bounds: {
    statusDetail: LIMITS.statusDetail,
    serverInfo: LIMITS.mcpInfo,
    version: LIMITS.keyVersion,
    found: {
      kind: "fields",
      fields: { tools: LIMITS.mcpTools, digest: LIMITS.mcpDigest, parts: LIMITS.mcpToolParts },
    },
  },
  args: {
    serverId: v.string(),
    version: v.number(),
    ...mcpFound,
    found: v.optional(v.object(mcpTools)),
  },
  returns: shownServer,
  handler: async (ctx, { serverId, version, found, ...result }) => {
    const row = await mcpServerOf(ctx, ctx.caller.organizationId, serverId);
    if (row.version !== version) throw refuse("mcp_race");
    if (found) await putMcpList(ctx, row, "found", found);
    await ctx.db.patch(row._id, {
      statusDetail: undefined,
      ...result,
      testedAt: Date.now(),
      ...(found && { foundDigest: found.digest }),
      ...(found && row.approvedDigest === undefined && { toolsCount: found.count }),
    });
    await ctx.report({
      action: "mcp.tested",
      target: row.name,
      before: { status: row.status, tools: row.foundDigest ?? null },
      after: { status: result.status, tools: found?.digest ?? row.foundDigest ?? null },
    });
    return shown((await ctx.db.get(row._id))!);
  },
});
