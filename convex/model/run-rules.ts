import { v } from "convex/values";
import { LIMITS, type Limit } from "#domain/limits.ts";
import { patternWords } from "#domain/rules/pattern.ts";
import { inOrder, MAX_SESSION_RULES } from "#domain/rules/rule.ts";
import { RULE_SETS, type RuleSetName } from "#domain/rules/sets.ts";
import { cutLabel } from "#domain/audit.ts";
import type { Id } from "../_generated/dataModel";
import type { MutationCtx } from "../_generated/server";
import type { Caller } from "../functions.ts";
import { refuse } from "./refusal.ts";
import {
  checkPattern,
  insertRules,
  mayWriteAt,
  placeOf,
  ruleAction,
  type RuleFields,
  ruleOf,
  rulesAt,
  toRule,
} from "./rules.ts";
import { literals } from "./zod-validator.ts";

/** A rule that a run brings for its session: its own, one of the organization's by its id, or a set of them by name. */
export const runRule = v.union(
  v.object({
    pattern: v.string(),
    action: ruleAction,
    name: v.optional(v.string()),
    priority: v.optional(v.number()),
  }),
  v.object({ ruleId: v.string() }),
  v.object({ set: literals(Object.keys(RULE_SETS) as RuleSetName[]) }),
);
export type RunRule = typeof runRule.type;
const { ruleName: name, rulePattern: pattern, rulePriority: priority } = LIMITS;
export const runRulesLimit: Limit = {
  kind: "list",
  of: { kind: "fields", fields: { pattern, name, priority } },
  min: 0,
  max: MAX_SESSION_RULES,
};

/** What a run says of a rule, as the rules that it stands for. @throws not_found */
async function rulesIn(
  ctx: MutationCtx,
  caller: Caller,
  wanted: RunRule,
): Promise<Omit<RuleFields, "enabled">[]> {
  if ("set" in wanted) return RULE_SETS[wanted.set].rules.map((rule) => ({ ...rule, priority: 0 }));
  if ("ruleId" in wanted) {
    const row = await ruleOf(ctx, caller, wanted.ruleId);
    return [{ name: row.name, pattern: row.pattern, action: row.action, priority: 0 }];
  }
  const { pattern: text, action, priority: rank = 0 } = wanted;
  checkPattern(text);
  return [{ name: wanted.name ?? cutLabel(patternWords(text), 100), pattern: text, action, priority: rank }];
}

/**
 * Gives a session that begins the rules that its run brings, in the order in which they came where their priorities are
 * the same. They never count as an admin's, no matter who asks: a run doesn't lift what is denied for more than itself.
 * @param given `likeSessionId`: the session of a run that this one repeats, whose rules it has as well
 * @throws forbidden | not_found | invalid_request
 */
export async function bringRules(
  ctx: MutationCtx,
  caller: Caller,
  sessionId: Id<"sandboxSessions">,
  {
    wanted,
    likeSessionId,
  }: { wanted: readonly RunRule[]; likeSessionId?: Id<"sandboxSessions"> | undefined },
): Promise<void> {
  const given = await Promise.all(wanted.map(async (one) => await rulesIn(ctx, caller, one)));
  const kept = likeSessionId ? await rulesAt(ctx, caller.organizationId, `session:${likeSessionId}`) : [];
  const all = [...inOrder(kept.filter(({ enabled }) => enabled).map(toRule)), ...given.flat()].toSorted(
    (a, b) => b.priority - a.priority,
  );
  if (all.length === 0) return;
  if (all.length > MAX_SESSION_RULES) throw refuse("session_rule_limit", { limit: MAX_SESSION_RULES });
  const place = await placeOf(ctx, caller, { scope: "session", sessionId });
  await mayWriteAt(ctx, caller, place);
  // Of the same moment, their priority alone keeps them in order.
  const ranked = all.map(({ name: called, pattern: text, action }, index) => ({
    name: called,
    pattern: text,
    action,
    priority: all.length - index,
    enabled: true,
  }));
  await insertRules(ctx, caller, place, ranked, false);
}
