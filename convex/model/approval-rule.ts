import { callOf } from "#domain/rules/call.ts";
import { decide, prepare } from "#domain/rules/decide.ts";
import { patternWords } from "#domain/rules/pattern.ts";
import { cutLabel } from "#domain/audit.ts";
import type { Doc } from "../_generated/dataModel";
import type { Caller } from "../functions.ts";
import { askedBy } from "./approval-acts.ts";
import type { MadeRule } from "./approvals.ts";
import { auditRule, checkPattern, insertRule, mayWriteAt, placeOf, verdictOf } from "./rules.ts";
import { refuse } from "./refusal.ts";
import type { SessionWriter } from "./session-writer.ts";

/** @throws forbidden where a rule that was made since denies what is asked */
export async function refuseDenied(writer: SessionWriter, approval: Doc<"approvals">): Promise<void> {
  const asked = askedBy(approval);
  if (!asked) return;
  const { action, rules } = await verdictOf(writer.ctx, writer.session, asked);
  if (action === "auto_deny") throw refuse("rule_denies", { rule: rules[0]?.name ?? "" });
}

/**
 * Makes the rule that a person allows a question's like with. It has to allow what is asked.
 * @throws forbidden | invalid_request
 */
export async function ruleFromApproval(
  writer: SessionWriter,
  caller: Caller,
  approval: Doc<"approvals">,
  { pattern, scope }: { pattern: string; scope: "session" | "environment" },
): Promise<MadeRule> {
  if (caller.key && !caller.key.scopes.includes("rules:write"))
    throw refuse("scope_missing", { scope: "rules:write" });
  checkPattern(pattern);
  const { _id: sessionId, environment } = writer.session;
  const place = await placeOf(
    writer.ctx,
    caller,
    scope === "session" ? { scope, sessionId } : { scope, environment },
  );
  await mayWriteAt(writer.ctx, caller, place);
  const asked = askedBy(approval);
  const name = cutLabel(patternWords(pattern), 100);
  const fields = { name, pattern, action: "auto_approve" as const, priority: 0, enabled: true };
  const alone = { ...fields, id: "", scope, createdAt: 0, isAdmins: true };
  if (!asked || decide(prepare([alone]), callOf(asked)).action !== "auto_approve")
    throw refuse("rule_misses");
  const row = await insertRule(writer.ctx, caller, place, fields);
  await auditRule(writer.ctx, caller, "approval_rule.created", row);
  return { id: row._id, name, pattern, scope };
}
