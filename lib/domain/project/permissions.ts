import type { RoleDefinition } from "./schemas.ts";
import { AGENT_ROLE, type ProjectActor } from "./actor.ts";
import { matchesScope } from "./scopes.ts";

/** What somebody may want to do with records. `list` finds them, `read` opens one. */
export const RECORD_ACTIONS = ["create", "read", "update", "delete", "list"] as const;
type RecordAction = (typeof RECORD_ACTIONS)[number];

/** A decision, and the line that made it. */
export interface Decision {
  allowed: boolean;
  because:
    | { kind: "system" | "admin" }
    | { kind: "no_role" }
    /** No policy of any role speaks of it: what is not allowed is denied. */
    | { kind: "no_policy" }
    | { kind: "policy"; role: string; index: number };
}

/** The roles that bind somebody: an agent's is the one of that name; a role that isn't there gives nothing. */
function rolesOf(actor: ProjectActor, roles: readonly RoleDefinition[]): RoleDefinition[] {
  const names = actor.kind === "agent" ? [AGENT_ROLE] : actor.roles;
  return roles.filter(({ name }) => names.includes(name));
}

/** True for whom roles do not bind: Studio itself, and people who are admins. */
const isUnbound = ({ kind, isAdmin }: ProjectActor): boolean =>
  kind === "system" || (kind === "user" && isAdmin === true);

function speaksOf(
  policy: RoleDefinition["policies"][number],
  action: RecordAction,
  resource: string,
): boolean {
  const { actions, resource: of } = policy;
  return (of === "*" || of === resource) && actions.some((known) => known === "*" || known === action);
}

/** What the policies of some roles say. Denying wins over allowing, in whatever order they stand. */
export function decideByPolicies(
  roles: readonly RoleDefinition[],
  action: RecordAction,
  resource: string,
): Decision {
  if (roles.length === 0) return { allowed: false, because: { kind: "no_role" } };
  let allowing: Decision | undefined;
  for (const role of roles)
    for (const [index, policy] of role.policies.entries()) {
      if (!speaksOf(policy, action, resource)) continue;
      const because = { kind: "policy", role: role.name, index } as const;
      if (policy.effect === "deny") return { allowed: false, because };
      allowing ??= { allowed: true, because };
    }
  return allowing ?? { allowed: false, because: { kind: "no_policy" } };
}

/**
 * Whether somebody may do something with records of a type. Closed by default; one denying policy of any role is
 * enough; which records, is for {@link mayReach} to say.
 */
export function decide(
  actor: ProjectActor,
  action: RecordAction,
  resource: string,
  roles: readonly RoleDefinition[],
): Decision {
  if (isUnbound(actor))
    return { allowed: true, because: { kind: actor.kind === "system" ? "system" : "admin" } };
  return decideByPolicies(rolesOf(actor, roles), action, resource);
}

/** The rule that keeps a record away; null where none does. Every rule of every role must hold. */
export function scopeAgainst(
  actor: ProjectActor,
  entityType: string,
  record: Readonly<Record<string, unknown>>,
  roles: readonly RoleDefinition[],
): { role: string; index: number } | null {
  if (isUnbound(actor)) return null;
  for (const role of rolesOf(actor, roles))
    for (const [index, rule] of (role.scopeRules ?? []).entries())
      if (rule.entityType === entityType && !matchesScope(rule, record, actor))
        return { role: role.name, index };
  return null;
}

/** Whether somebody may do something with this record: the policies allow it, and every scope rule holds. */
export function mayReach(
  actor: ProjectActor,
  action: RecordAction,
  { entityType, record }: { entityType: string; record: Readonly<Record<string, unknown>> },
  roles: readonly RoleDefinition[],
): boolean {
  return (
    decide(actor, action, entityType, roles).allowed &&
    scopeAgainst(actor, entityType, record, roles) === null
  );
}

/** Whether somebody may see the conversations of an agent: named by one of their roles. */
export function maySeeAgent(
  actor: ProjectActor,
  agentSlug: string,
  roles: readonly RoleDefinition[],
): boolean {
  return (
    isUnbound(actor) || rolesOf(actor, roles).some(({ agentAccess }) => agentAccess?.includes(agentSlug))
  );
}
