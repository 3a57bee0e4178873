/** This folder holds what people do with approval rules. */

import { api } from "#convex/_generated/api.js";
import type { createRuleBody, RuleJson, rulesQuery, updateRuleBody } from "#contracts/rules.ts";
import { isUnused } from "#domain/rules/unused.ts";
import type { Principal } from "#domain/principal.ts";
import type { FunctionReturnType } from "convex/server";
import type { z } from "zod";
import { dataFor } from "../convex/client.ts";
import { pageOf } from "../http/page.ts";

export type StoredRule = FunctionReturnType<typeof api.approvalRules.create>;

const iso = (at: number) => new Date(Math.floor(at)).toISOString();

const toJson = (rule: StoredRule): RuleJson => ({
  id: rule.id,
  name: rule.name,
  tool_pattern: rule.pattern,
  action: rule.action,
  priority: rule.priority,
  enabled: rule.enabled,
  scope: rule.scope,
  agent_id: rule.agentId ?? null,
  environment: rule.environment ?? null,
  session_id: rule.sessionId ?? null,
  created_at: iso(rule.createdAt),
  updated_at: iso(rule.updatedAt),
  used_on: rule.usedAt === undefined ? null : iso(rule.usedAt).slice(0, 10),
  unused: isUnused(rule, Date.now()),
});

const placeOf = (sent: Pick<z.output<typeof rulesQuery>, "agent_id" | "environment" | "session_id">) => ({
  ...(sent.agent_id !== undefined && { agentId: sent.agent_id }),
  ...(sent.environment !== undefined && { environment: sent.environment }),
  ...(sent.session_id !== undefined && { sessionId: sent.session_id }),
});

/** A page of rules. @throws HttpError not_found | invalid_request */
export async function listRules(
  caller: Principal,
  { scope, limit, cursor, ...sent }: z.output<typeof rulesQuery>,
): Promise<{ rules: RuleJson[]; next_cursor: string | null }> {
  const { rows, nextCursor } = await pageOf(
    { limit, cursor },
    async (paginationOpts) =>
      await dataFor(caller).query(api.approvalRules.list, {
        paginationOpts,
        ...placeOf(sent),
        ...(scope !== undefined && { scope }),
      }),
  );
  return { rules: rows.map(toJson), next_cursor: nextCursor };
}

/** @throws HttpError forbidden | not_found | invalid_request */
export async function createRule(
  caller: Principal,
  { tool_pattern: pattern, scope, name, action, priority, enabled, ...sent }: z.output<typeof createRuleBody>,
): Promise<RuleJson> {
  const args = { scope, ...placeOf(sent), name, pattern, action, priority, enabled };
  return toJson(await dataFor(caller).mutation(api.approvalRules.create, args));
}

/** @throws HttpError forbidden | not_found | invalid_request */
export async function updateRule(
  caller: Principal,
  ruleId: string,
  { tool_pattern: pattern, ...fields }: z.output<typeof updateRuleBody>,
): Promise<RuleJson> {
  const given = Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));
  const args = { ruleId, ...given, ...(pattern !== undefined && { pattern }) };
  return toJson(await dataFor(caller).mutation(api.approvalRules.update, args));
}

/** @throws HttpError forbidden | not_found */
export async function deleteRule(caller: Principal, ruleId: string): Promise<void> {
  await dataFor(caller).mutation(api.approvalRules.remove, { ruleId });
}

/** Moves a rule in front of another, or behind all of its place. @throws HttpError forbidden | not_found */
export async function moveRule(caller: Principal, ruleId: string, beforeId: string | null): Promise<void> {
  await dataFor(caller).mutation(api.approvalRules.move, { ruleId, beforeId });
}
