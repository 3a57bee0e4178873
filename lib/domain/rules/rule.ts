/** Approval rules: what they are, who may make them, and in which order they count. Pure. */
import { roleAtLeast, type Role } from "../roles.ts";

/** What a rule does with a call that its pattern covers. */
export const RULE_ACTIONS = ["auto_approve", "auto_deny", "ask"] as const;
export type RuleAction = (typeof RULE_ACTIONS)[number];

/** Where a rule counts; a narrower place is looked at first. */
export const RULE_SCOPES = ["session", "agent", "environment", "organization"] as const;
export type RuleScope = (typeof RULE_SCOPES)[number];

/** Rules of an organization, those of its sessions aside; and rules of one session. */
export const MAX_RULES = 1_000;
export const MAX_SESSION_RULES = 50;
export const MAX_RULE_PRIORITY = 1_000_000;

/** A rule, as far as decisions need it. */
export interface Rule {
  id: string;
  name: string;
  pattern: string;
  action: RuleAction;
  scope: RuleScope;
  priority: number;
  enabled: boolean;
  /** Epoch milliseconds. */
  createdAt: number;
  /** True where someone made it who may make rules for everyone: only then it outranks what an admin has denied. */
  isAdmins: boolean;
}

/** The least role that may make a rule of a scope: those of a session are for who works in it. */
export const roleForScope = (scope: RuleScope): Role => (scope === "session" ? "member" : "admin");

export const mayRule = (role: Role, scope: RuleScope): boolean => roleAtLeast(role, roleForScope(scope));

const RANKS = { session: 0, agent: 1, environment: 2, organization: 3 } as const satisfies Record<
  RuleScope,
  number
>;

/** The order in which rules count: by their place, then by priority, then the oldest. */
export function inOrder<R extends Pick<Rule, "scope" | "priority" | "createdAt" | "id">>(
  rules: readonly R[],
): R[] {
  return rules.toSorted(
    (a, b) =>
      RANKS[a.scope] - RANKS[b.scope] ||
      b.priority - a.priority ||
      a.createdAt - b.createdAt ||
      (a.id < b.id ? -1 : 1),
  );
}

/** Whether a rule counts in an environment: production takes no leave that was given for everywhere, or for an agent. */
export const countsIn = (
  { scope, action, enabled }: Pick<Rule, "scope" | "action" | "enabled">,
  environment: string,
): boolean =>
  enabled &&
  !(
    environment === "production" &&
    action === "auto_approve" &&
    (scope === "organization" || scope === "agent")
  );
