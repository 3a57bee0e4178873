import { type Decision, decideByPolicies, RECORD_ACTIONS } from "./permissions.ts";
import type { RoleDefinition } from "./schemas.ts";

type Policy = RoleDefinition["policies"][number];
type Action = (typeof RECORD_ACTIONS)[number];
type Effect = Policy["effect"];

/** What a role says of an action with records of a type: the decision, and what a line of that very type says. */
export interface MatrixCell {
  decision: Decision;
  /** Null where no line names this type and action. */
  own: Effect | null;
}

const names = ({ actions }: Policy, action: Action): boolean =>
  actions.some((one) => one === "*" || one === action);

/** One cell of a role's matrix. */
export function matrixCell(role: RoleDefinition, action: Action, resource: string): MatrixCell {
  const own = role.policies.filter((policy) => policy.resource === resource && names(policy, action));
  return {
    decision: decideByPolicies([role], action, resource),
    own: own.some(({ effect }) => effect === "deny") ? "deny" : (own[0]?.effect ?? null),
  };
}

/**
 * A role's lines with another answer in one cell; the other cells keep theirs. What lines of other types, or of all, say
 * still counts, and deny wins.
 */
export function withCell(
  policies: readonly Policy[],
  { action, resource }: { action: Action; resource: string },
  effect: Effect | null,
): Policy[] {
  const kept = policies.flatMap((policy) => {
    if (policy.resource !== resource || !names(policy, action)) return [policy];
    const all = policy.actions.includes("*") ? [...RECORD_ACTIONS] : policy.actions;
    const actions = all.filter((one) => one !== action);
    return actions.length > 0 ? [{ ...policy, actions }] : [];
  });
  if (effect === null) return kept;
  const same = kept.findIndex((policy) => policy.resource === resource && policy.effect === effect);
  if (same < 0) return [...kept, { resource, actions: [action], effect }];
  return kept.map((policy, index) =>
    index === same ? { ...policy, actions: [...policy.actions, action] } : policy,
  );
}
