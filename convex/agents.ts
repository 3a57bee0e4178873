import { paginationOptsValidator, paginationResultValidator } from "convex/server";
import { v } from "convex/values";
import { agentAsJson } from "#domain/agent.ts";
import { LIMITS } from "#domain/limits.ts";
import { actorQuery, orgMutation, orgQuery } from "./functions.ts";
import {
  agentFields,
  agentOf,
  fieldsOf,
  pinnedAgent,
  pinnedAgentOf,
  shownAgent,
  toAgent,
} from "./model/agents.ts";
import {
  agentBounds,
  agentRule,
  removeAgentRules,
  rulesOfAgent,
  setAgentRules,
} from "./model/agent-rules.ts";
import { auditedChange, changeAgent, createAgent } from "./model/agent-versions.ts";
import { shownRule } from "./model/rules.ts";
import { sessionOf } from "./model/sessions.ts";

/** The organization's agents, last changed first. */
export const list = orgQuery({
  min: "viewer",
  scope: "agents:read",
  args: { paginationOpts: paginationOptsValidator },
  returns: paginationResultValidator(shownAgent),
  handler: async (ctx, { paginationOpts }) => {
    const { organizationId } = ctx.caller;
    const { page, ...rest } = await ctx.db
      .query("agents")
      .withIndex("by_organization_archived_updated", (q) =>
        q.eq("organizationId", organizationId).eq("archivedAt", undefined),
      )
      .order("desc")
      .paginate(paginationOpts);
    return { ...rest, page: page.map(toAgent) };
  },
});

export const get = orgQuery({
  min: "viewer",
  scope: "agents:read",
  args: { agentId: v.string() },
  returns: shownAgent,
  handler: async (ctx, { agentId }) => toAgent(await agentOf(ctx, ctx.caller.organizationId, agentId)),
});

/** What of an agent a server needs that begins a session with it: it looks who pays, and asks for a commit. */
export const forStart = actorQuery({
  min: "member",
  scope: "sessions:write",
  args: { agentId: v.string() },
  returns: v.object({ provider: v.string(), model: v.string(), repository: agentFields.repository }),
  handler: async (ctx, { agentId }) => {
    const { provider, model, repository = null } = await agentOf(ctx, ctx.caller.organizationId, agentId);
    return { provider, model, repository };
  },
});

/** What a session's agent was when the session began; null for a session without one. */
export const ofSession = orgQuery({
  min: "viewer",
  scope: "sessions:read",
  args: { sessionId: v.string() },
  returns: v.nullable(pinnedAgent),
  handler: async (ctx, { sessionId }) =>
    await pinnedAgentOf(ctx, (await sessionOf(ctx, ctx.caller, sessionId))._id),
});

/** The rules that a session's agent has now: they count as they are. */
export const rulesInSession = orgQuery({
  min: "viewer",
  scope: "sessions:read",
  args: { sessionId: v.string() },
  returns: v.array(shownRule),
  handler: async (ctx, { sessionId }) => {
    const { organizationId, agentId } = await sessionOf(ctx, ctx.caller, sessionId);
    return agentId ? await rulesOfAgent(ctx, { organizationId, agentId }) : [];
  },
});

/** The rules of some agents, in any order; agents that are not the organization's are left out. */
export const rulesOf = orgQuery({
  min: "viewer",
  scope: "agents:read",
  bounds: { agentIds: LIMITS.sessionIds },
  args: { agentIds: v.array(v.string()) },
  returns: v.array(v.object({ agentId: v.id("agents"), rules: v.array(shownRule) })),
  handler: async (ctx, { agentIds }) => {
    const { organizationId } = ctx.caller;
    const found = await Promise.all(
      agentIds.map(async (raw) => {
        const agentId = ctx.db.normalizeId("agents", raw);
        const row = agentId && (await ctx.db.get(agentId));
        return row?.organizationId === organizationId ? row._id : null;
      }),
    );
    return await Promise.all(
      found
        .filter((agentId) => agentId !== null)
        .map(async (agentId) => ({ agentId, rules: await rulesOfAgent(ctx, { organizationId, agentId }) })),
    );
  },
});

/** @throws unknown_provider | unknown_model | invalid_request */
export const create = orgMutation({
  min: "admin",
  scope: "agents:write",
  audit: "entry",
  bounds: agentBounds,
  args: { ...agentFields, rules: v.optional(v.array(agentRule)) },
  returns: shownAgent,
  handler: async (ctx, { rules = [], ...fields }) => {
    const agent = await createAgent(ctx, ctx.caller, fields, rules);
    await ctx.report({ action: "agent.created", target: agent.name, after: agentAsJson(fields) });
    return toAgent(agent);
  },
});

/** Changes some of an agent's fields; sessions that have begun with it keep what it was. */
export const update = orgMutation({
  min: "admin",
  scope: "agents:write",
  audit: "entry",
  bounds: agentBounds,
  args: {
    agentId: v.string(),
    name: v.optional(agentFields.name),
    description: v.optional(agentFields.description),
    provider: v.optional(agentFields.provider),
    model: v.optional(agentFields.model),
    systemPrompt: v.optional(agentFields.systemPrompt),
    temperature: v.optional(agentFields.temperature),
    maxTokens: v.optional(agentFields.maxTokens),
    toolsMode: v.optional(agentFields.toolsMode),
    /** In place of those that it has. */
    rules: v.optional(v.array(agentRule)),
    mcpServers: v.optional(agentFields.mcpServers),
    skills: v.optional(agentFields.skills),
    variables: v.optional(agentFields.variables),
    repository: v.optional(agentFields.repository),
  },
  returns: shownAgent,
  handler: async (ctx, { agentId, rules, ...changes }) => {
    const { organizationId } = ctx.caller;
    const row = await agentOf(ctx, organizationId, agentId);
    const fields = fieldsOf({ ...row, ...changes });
    const hasNewRules = rules !== undefined && (await setAgentRules(ctx, ctx.caller, row._id, rules));
    const { after, isChanged } = await changeAgent(ctx, ctx.caller, row, { fields });
    if (isChanged) {
      await ctx.report(auditedChange(row, after));
      return toAgent(after);
    }
    // What has changed of the rules has entries of its own, and rules count as they are: they are in no version.
    await ctx.report(null);
    const updatedAt = hasNewRules ? Date.now() : row.updatedAt;
    if (hasNewRules) await ctx.db.patch(row._id, { updatedAt });
    return toAgent({ ...row, updatedAt });
  },
});

/** Deletes an agent: nothing can be started with it any more, and what was started with it still names it. */
export const remove = orgMutation({
  min: "admin",
  scope: "agents:write",
  audit: "entry",
  args: { agentId: v.string() },
  returns: v.null(),
  handler: async (ctx, { agentId }) => {
    const row = await agentOf(ctx, ctx.caller.organizationId, agentId);
    // They would count toward the most that an organization can have.
    await removeAgentRules(ctx, ctx.caller, row._id);
    await ctx.db.patch(row._id, { archivedAt: Date.now() });
    await ctx.report({ action: "agent.deleted", target: row.name, before: agentAsJson(fieldsOf(row)) });
  },
});
