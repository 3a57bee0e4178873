import { v } from "convex/values";
import { cutLabel } from "#domain/audit.ts";
import { LIMITS, type Limit } from "#domain/limits.ts";
import { patternWords } from "#domain/rules/pattern.ts";
import { inOrder, MAX_RULES } from "#domain/rules/rule.ts";
import type { Doc, Id } from "../_generated/dataModel";
import type { MutationCtx, QueryCtx } from "../_generated/server";
import type { Caller } from "../functions.ts";
import { refuse } from "./refusal.ts";
import { auditRule, insertRules, type RuleFields, ruleAction, rulesAt, toRule } from "./rules.ts";

/** A rule as an agent brings it; those of the same priority count in the order in which they come. */
export const agentRule = v.object({
  pattern: v.string(),
  action: ruleAction,
  name: v.optional(v.string()),
  priority: v.optional(v.number()),
  enabled: v.optional(v.boolean()),
});
const { ruleName: name, rulePattern: pattern, rulePriority: priority } = LIMITS;
/** Rules that one agent can be given at once. */
const MAX_AGENT_RULES = 100;
const agentRulesLimit: Limit = {
  kind: "list",
  of: { kind: "fields", fields: { pattern, name, priority } },
  min: 0,
  max: MAX_AGENT_RULES,
};

/** What an agent can be told to be, with its rules. */
export const agentBounds = {
  name: LIMITS.agentName,
  description: LIMITS.agentDescription,
  provider: LIMITS.providerId,
  model: LIMITS.modelId,
  systemPrompt: LIMITS.systemPrompt,
  temperature: LIMITS.temperature,
  maxTokens: LIMITS.maxTokens,
  rules: agentRulesLimit,
  mcpServers: LIMITS.mcpNames,
  skills: LIMITS.agentSkills,
  variables: LIMITS.agentVariables,
  repository: {
    kind: "fields",
    fields: { connection: LIMITS.gitConnection, url: LIMITS.gitUrl, ref: LIMITS.gitRef },
  } as const,
};

const placeOf = (agentId: Id<"agents">) => `agent:${agentId}`;

/** The rules of an agent, those that count first in front. */
export const rulesOfAgent = async (
  ctx: QueryCtx | MutationCtx,
  { organizationId, agentId }: { organizationId: Id<"organizations">; agentId: Id<"agents"> },
) => inOrder((await rulesAt(ctx, organizationId, placeOf(agentId))).map(toRule));

const sameRule = (row: RuleFields, rule: RuleFields): boolean =>
  row.name === rule.name &&
  row.pattern === rule.pattern &&
  row.action === rule.action &&
  row.priority === rule.priority &&
  row.enabled === rule.enabled;

async function deleteRules(
  ctx: MutationCtx,
  caller: Caller,
  rows: readonly Doc<"approvalRules">[],
): Promise<void> {
  for (const row of rows) {
    await ctx.db.delete(row._id);
    await auditRule(ctx, caller, "approval_rule.deleted", row);
  }
}

/** Removes the rules of an agent that is deleted. */
export const removeAgentRules = async (
  ctx: MutationCtx,
  caller: Caller,
  agentId: Id<"agents">,
): Promise<void> =>
  await deleteRules(ctx, caller, await rulesAt(ctx, caller.organizationId, placeOf(agentId)));

/**
 * Gives an agent these rules in place of those that it has, unless they are the same.
 * @returns whether anything has changed
 * @throws forbidden | invalid_request
 */
export async function setAgentRules(
  ctx: MutationCtx,
  caller: Caller,
  agentId: Id<"agents">,
  wanted: readonly (typeof agentRule.type)[],
): Promise<boolean> {
  if (caller.key && !caller.key.scopes.includes("rules:write"))
    throw refuse("scope_missing", { scope: "rules:write" });
  const { organizationId } = caller;
  const rules = wanted.map((rule) => ({
    name: rule.name ?? cutLabel(patternWords(rule.pattern), 100),
    pattern: rule.pattern,
    action: rule.action,
    priority: rule.priority ?? 0,
    enabled: rule.enabled ?? true,
  }));
  const before = await rulesAt(ctx, organizationId, placeOf(agentId));
  const now = inOrder(before.map(toRule));
  const next = rules.toSorted((a, b) => b.priority - a.priority);
  if (now.length === next.length && next.every((rule, index) => sameRule(now[index]!, rule))) return false;
  await deleteRules(ctx, caller, before);
  if (next.length > 0) {
    const there = await ctx.db
      .query("approvalRules")
      .withIndex("by_place", (q) => q.eq("organizationId", organizationId).lt("place", "session:"))
      .take(MAX_RULES);
    if (there.length + next.length > MAX_RULES) throw refuse("rule_limit", { limit: MAX_RULES });
    await insertRules(ctx, caller, { scope: "agent", place: placeOf(agentId), agentId }, next);
  }
  return true;
}
