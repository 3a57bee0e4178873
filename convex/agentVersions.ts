import { paginationOptsValidator, paginationResultValidator } from "convex/server";
import { v } from "convex/values";
import { agentChanges } from "#domain/agent-versions.ts";
import { LIMITS } from "#domain/limits.ts";
import { orgMutation, orgQuery } from "./functions.ts";
import { agentFields, agentOf, fieldsOf, pinnedAgentOf, shownAgent, toAgent } from "./model/agents.ts";
import { agentChange, auditedChange, changeAgent, changesOf, versionOf } from "./model/agent-versions.ts";
import { Names } from "./model/people.ts";
import { sessionOf } from "./model/sessions.ts";
import type { Doc } from "./_generated/dataModel";

const shownVersion = {
  revision: v.number(),
  /** Null for what it was before its versions were kept. */
  authorId: v.nullable(v.id("users")),
  authorName: v.nullable(v.string()),
  restoredFrom: v.nullable(v.number()),
  at: v.number(),
  /** What is different from the version before; null for the first that is kept. */
  changes: v.nullable(v.array(agentChange)),
};

async function toVersion({ revision, authorId, restoredFrom, at }: Doc<"agentVersions">, names: Names) {
  return {
    revision,
    authorId: authorId ?? null,
    authorName: authorId ? await names.of(authorId) : null,
    restoredFrom: restoredFrom ?? null,
    at,
  };
}

/** The kept versions of an agent, the present one first, each with what it changed. */
export const list = orgQuery({
  min: "viewer",
  scope: "agents:read",
  args: { agentId: v.string(), paginationOpts: paginationOptsValidator },
  returns: paginationResultValidator(v.object(shownVersion)),
  handler: async (ctx, { agentId, paginationOpts }) => {
    const agent = await agentOf(ctx, ctx.caller.organizationId, agentId);
    const names = new Names(ctx);
    const { page, ...rest } = await ctx.db
      .query("agentVersions")
      .withIndex("by_agent_revision", (q) => q.eq("agentId", agent._id))
      .order("desc")
      .paginate(paginationOpts);
    const rows = page.map(async (row, index) => ({
      ...(await toVersion(row, names)),
      changes: await changesOf(ctx, row, page[index + 1]),
    }));
    return { ...rest, page: await Promise.all(rows) };
  },
});

/** One version of an agent, whole. */
export const get = orgQuery({
  min: "viewer",
  scope: "agents:read",
  bounds: { revision: LIMITS.agentRevision },
  args: { agentId: v.string(), revision: v.number() },
  returns: v.object({ ...shownVersion, fields: v.object(agentFields) }),
  handler: async (ctx, { agentId, revision }) => {
    const agent = await agentOf(ctx, ctx.caller.organizationId, agentId);
    const row = await versionOf(ctx, agent._id, revision);
    const changes = await changesOf(ctx, row);
    return { ...(await toVersion(row, new Names(ctx))), changes, fields: fieldsOf(row) };
  },
});

/**
 * Makes an agent what it was in an earlier version, as its next one. Its rules stay: they are in no version.
 * @throws not_found; unknown_provider | unknown_model | invalid_request where it can't be that any more
 */
export const restore = orgMutation({
  min: "admin",
  scope: "agents:write",
  audit: "entry",
  bounds: { revision: LIMITS.agentRevision },
  args: { agentId: v.string(), revision: v.number() },
  returns: shownAgent,
  handler: async (ctx, { agentId, revision }) => {
    const row = await agentOf(ctx, ctx.caller.organizationId, agentId);
    const fields = fieldsOf(await versionOf(ctx, row._id, revision));
    const wish = { fields, restoredFrom: revision };
    const { after, isChanged } = await changeAgent(ctx, ctx.caller, row, wish);
    await ctx.report(isChanged ? auditedChange(row, after, revision) : null);
    return toAgent(after);
  },
});

/** How far a session's agent, as the session keeps it, is from what the agent is now; null for a session without one. */
export const drift = orgQuery({
  min: "viewer",
  scope: "sessions:read",
  args: { sessionId: v.string() },
  returns: v.nullable(
    v.object({
      agentId: v.id("agents"),
      name: v.string(),
      revision: v.nullable(v.number()),
      /** Null where the agent was deleted. */
      newest: v.nullable(v.object({ revision: v.number(), at: v.number() })),
      changes: v.array(agentChange),
    }),
  ),
  handler: async (ctx, { sessionId }) => {
    const pinned = await pinnedAgentOf(ctx, (await sessionOf(ctx, ctx.caller, sessionId))._id);
    if (!pinned) return null;
    const row = await ctx.db.get(pinned.agentId);
    const isThere = row !== null && row.archivedAt === undefined;
    return {
      agentId: pinned.agentId,
      name: pinned.name,
      revision: pinned.revision,
      newest: isThere ? { revision: row.revision ?? 1, at: row.updatedAt } : null,
      changes: isThere ? agentChanges(fieldsOf(pinned), fieldsOf(row)) : [],
    };
  },
});
