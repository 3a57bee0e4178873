/** What an audit entry can tell of; the part before the dot is its area, by which a list can be narrowed. */
export const AUDIT_ACTIONS = [
  "api_key.created",
  "api_key.revoked",
  "command_login.approved",
  "command_login.denied",
  "provider_key.added",
  "provider_key.replaced",
  "provider_key.removed",
  "provider_key.tested",
  "variable.added",
  "variable.changed",
  "variable.removed",
  "setup.changed",
  "setup.removed",
  "setup.rebuilt",
  "git_connection.added",
  "git_connection.changed",
  "git_connection.removed",
  "git_connection.tested",
  "git_connection.webhook_added",
  "git_connection.webhook_replaced",
  "git_connection.webhook_removed",
  "green.started",
  "green.attempted",
  "green.ended",
  "registry.added",
  "registry.changed",
  "registry.removed",
  "registry.tested",
  "notification_device.added",
  "notification_device.removed",
  "notification_destination.added",
  "notification_destination.changed",
  "notification_destination.removed",
  "notification_destination.tested",
  "notification_destination.turned_off",
  "mcp.added",
  "mcp.changed",
  "mcp.removed",
  "mcp.tested",
  "mcp.enabled",
  "mcp.disabled",
  "mcp.tools_approved",
  "mcp.signed_in",
  "mcp.signed_out",
  "agent.created",
  "agent.changed",
  "agent.deleted",
  "skill.created",
  "skill.changed",
  "skill.deleted",
  "skill.production_set",
  "skill.offer_dismissed",
  "approval_rule.created",
  "approval_rule.changed",
  "approval_rule.moved",
  "approval_rule.deleted",
  "project.changed",
  "project.restored",
  "setting.changed",
  "session.command_run",
  "session.imported",
  "session.archived",
  "session.restored",
  "session.saved",
  "session.log_removed",
  "session.ended",
  "session.deleted",
  "session.purged",
  "run.cancelled",
  "member.added",
  "member.role_changed",
  "member.removed",
  "member.account_deleted",
  "member.password_reset",
  "organization.created",
  "organization.renamed",
  "organization.deleted",
  "organization.frozen",
  "organization.thawed",
  "support_access.granted",
  "support_access.ended",
  "support_access.sessions_listed",
  "support_access.session_read",
  "limit.set",
  "limit.removed",
  "credits.granted",
  "credits.adjusted",
  "credits.bought",
  "credits.returned",
  "credits.disputed",
  "checkout.started",
  "billing_portal.opened",
  "top_up.changed",
  "top_up.turned_off",
] as const;
export type AuditAction = (typeof AUDIT_ACTIONS)[number];

/** Who acted: a person, their key, the operator, Studio itself, or the identity driver. */
export const AUDIT_ACTORS = ["member", "apiKey", "operator", "system", "driver"] as const;
export type AuditActorKind = (typeof AUDIT_ACTORS)[number];

/** The way by which an act came in. */
export const AUDIT_CHANNELS = ["page", "api", "cli"] as const;
export type AuditChannel = (typeof AUDIT_CHANNELS)[number];

/** Where an act came from; `address` is the client's, where the server knows it. */
export interface AuditOrigin {
  via: AuditChannel;
  address?: string;
}

/** Characters of one text within a value, and of a whole value as JSON. */
export const MAX_AUDIT_TEXT_CHARS = 500;
export const MAX_AUDIT_VALUE_CHARS = 4_000;
/** Characters of a target, or of an actor's label. */
export const MAX_AUDIT_LABEL_CHARS = 200;
const MAX_DEPTH = 4;
const MAX_FIELDS = 50;

/** A text no longer than `max` characters, that says where something was left out. */
export function cutLabel(text: string, max = MAX_AUDIT_LABEL_CHARS): string {
  return text.length <= max ? text : `${text.slice(0, max - 1).replace(/[\uD800-\uDBFF]$/, "")}…`;
}

function bounded(value: unknown, depth: number): unknown {
  if (typeof value === "string") return cutLabel(value, MAX_AUDIT_TEXT_CHARS);
  if (typeof value !== "object" || value === null) return value;
  if (depth >= MAX_DEPTH) return "…";
  if (Array.isArray(value)) return value.slice(0, MAX_FIELDS).map((item) => bounded(item, depth + 1));
  const fields = Object.entries(value).slice(0, MAX_FIELDS);
  return Object.fromEntries(
    fields.map(([name, field]) => [cutLabel(name, 100), bounded(field, depth + 1)] as const),
  );
}

/** A value as the JSON text that an audit entry keeps: bounded, and JSON still where something was left out. */
export function auditValue(value: unknown): string {
  const text = JSON.stringify(bounded(value, 0)) ?? "null";
  return text.length <= MAX_AUDIT_VALUE_CHARS ? text : JSON.stringify(`${text.slice(0, 1_000)}…`);
}

/** The area of an action: what stands before its dot. */
export function areaOf(action: string): string {
  return action.split(".", 1)[0] ?? action;
}
