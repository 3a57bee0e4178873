import { v } from "convex/values";
import { agentAsJson, copyName } from "#domain/agent.ts";
import { LIMITS } from "#domain/limits.ts";
import { orgMutation } from "./functions.ts";
import { agentLack, withoutMissing } from "./model/agent-files.ts";
import { agentBounds, agentRule, rulesOfAgent } from "./model/agent-rules.ts";
import { createAgent } from "./model/agent-versions.ts";
import { agentFields, agentOf, fieldsOf, shownAgent, toAgent } from "./model/agents.ts";

/** Makes an agent like another one, its rules included. @throws not_found | what `agents.create` throws */
export const duplicate = orgMutation({
  min: "admin",
  scope: "agents:write",
  audit: "entry",
  args: { agentId: v.string() },
  returns: shownAgent,
  handler: async (ctx, { agentId }) => {
    const { organizationId } = ctx.caller;
    const row = await agentOf(ctx, organizationId, agentId);
    const fields = { ...fieldsOf(row), name: copyName(row.name, LIMITS.agentName.max) };
    const rules = (await rulesOfAgent(ctx, { organizationId, agentId: row._id })).map(
      ({ name, pattern, action, priority, enabled }) => ({ name, pattern, action, priority, enabled }),
    );
    const agent = await createAgent(ctx, ctx.caller, fields, rules);
    await ctx.report({ action: "agent.created", target: agent.name, after: agentAsJson(fields) });
    return toAgent(agent);
  },
});

/**
 * Takes an agent over from a file. What it names that there is none of here is left out, and said.
 * @throws what `agents.create` throws
 */
export const take = orgMutation({
  min: "admin",
  scope: "agents:write",
  audit: "entry",
  bounds: agentBounds,
  args: { ...agentFields, rules: v.array(agentRule) },
  returns: v.object({ agent: shownAgent, missing: v.array(agentLack) }),
  handler: async (ctx, { rules, ...wanted }) => {
    const { fields, missing } = await withoutMissing(ctx, ctx.caller.organizationId, wanted);
    const agent = await createAgent(ctx, ctx.caller, fields, rules);
    await ctx.report({ action: "agent.created", target: agent.name, after: agentAsJson(fields) });
    return { agent: toAgent(agent), missing };
  },
});
