import { plural } from "../plural.ts";
import { kind } from "./kind.ts";

/** Approval rules. */
export const rules = {
  rule_not_found: kind("not_found", "There's no such rule here, or it was deleted."),
  rule_limit: kind(
    "invalid_request",
    ({ limit }: { limit: number }) =>
      `An organization can have ${limit} rules. Delete one first, or put several into one pattern.`,
  ),
  session_rule_limit: kind(
    "invalid_request",
    ({ limit }: { limit: number }) =>
      `A session can have ${limit} rules. Delete one first, or put several into one pattern.`,
  ),
  rule_pattern: kind("invalid_request", ({ fault }: { fault: string }) => `tool_pattern: ${fault}.`),
  rule_place: kind("invalid_request", ({ scope }: { scope: string }) =>
    scope === "organization"
      ? "scope: a rule of the organization names no agent, environment or session."
      : `scope: a rule of the scope ${scope} has to name ${scope === "agent" ? "an agent" : scope === "session" ? "a session" : "an environment"}, and nothing else.`,
  ),
  rule_misses: kind(
    "invalid_request",
    "rule: its pattern doesn't allow what is asked here. Change the pattern, or allow it once.",
  ),
  approver_role: kind(
    "forbidden",
    ({ environment }: { environment: string }) =>
      `Your organization lets only admins approve this in ${environment}. You can deny it, or leave it to an admin.`,
  ),
  approver_self: kind("forbidden", ({ minutes }: { minutes: number | null }) =>
    minutes === null
      ? "You started this run, and your organization has somebody else approve this. You can deny it, or leave it to them."
      : `You started this run, and your organization has somebody else approve this. You can approve it in ${minutes} ${plural(minutes, "minute", "minutes")}, or deny it now.`,
  ),
  approver_command_role: kind(
    "forbidden",
    "Your organization lets only admins approve commands like this, so it wasn't run. Ask the agent to run it, and an admin to approve that.",
  ),
  approver_command_self: kind(
    "forbidden",
    "Your organization has somebody else approve commands like this, so it wasn't run. Ask the agent to run it, and somebody else to approve that.",
  ),
  rule_denies: kind(
    "forbidden",
    ({ rule }: { rule: string }) =>
      `The rule “${rule}” denies this by now. Deny it here too, or ask an admin to change the rule.`,
  ),
  rule_denies_command: kind(
    "forbidden",
    ({ rule }: { rule: string }) =>
      `The rule “${rule}” denies this command, so it wasn't run. Run another one, or ask an admin to change the rule.`,
  ),
  rule_denies_file: kind(
    "forbidden",
    ({ rule }: { rule: string }) =>
      `The rule “${rule}” denies this, so the file wasn't touched. Use another one, or ask an admin to change the rule.`,
  ),
};
