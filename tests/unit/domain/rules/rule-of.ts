import type { Rule } from "#domain/rules/rule.ts";

/** A rule of the organization's that approves. */
export const ruleOf = (pattern: string, more: Partial<Rule> = {}): Rule => ({
  id: pattern,
  name: pattern,
  pattern,
  action: "auto_approve",
  scope: "organization",
  priority: 0,
  enabled: true,
  createdAt: 0,
  isAdmins: true,
  ...more,
});
