import type { AuditAction, AuditActorKind, AuditChannel } from "#domain/audit.ts";
import type { AuditRow } from "./live-settings.ts";

const ACTIONS: Record<AuditAction, string> = {
  "api_key.created": "API key created",
  "api_key.revoked": "API key revoked",
  "command_login.approved": "Command-line login confirmed",
  "command_login.denied": "Command-line login declined",
  "provider_key.added": "Provider key added",
  "provider_key.replaced": "Provider key replaced",
  "provider_key.removed": "Provider key removed",
  "provider_key.tested": "Provider key tested",
  "variable.added": "Variable added",
  "variable.changed": "Variable changed",
  "variable.removed": "Variable removed",
  "setup.changed": "Set-up changed",
  "setup.removed": "Set-up removed",
  "setup.rebuilt": "Set-up run again",
  "git_connection.added": "Git connection added",
  "git_connection.changed": "Git connection changed",
  "git_connection.removed": "Git connection removed",
  "git_connection.tested": "Git connection tested",
  "git_connection.webhook_added": "Git webhook secret made",
  "git_connection.webhook_replaced": "Git webhook secret replaced",
  "git_connection.webhook_removed": "Git webhook removed",
  "green.started": "Pull request to green: started",
  "green.attempted": "Pull request to green: attempt",
  "green.ended": "Pull request to green: ended",
  "registry.added": "Package registry added",
  "registry.changed": "Package registry changed",
  "registry.removed": "Package registry removed",
  "registry.tested": "Package registry tested",
  "notification_device.added": "Device for notifications added",
  "notification_device.removed": "Device for notifications removed",
  "notification_destination.added": "Destination of notifications added",
  "notification_destination.changed": "Destination of notifications changed",
  "notification_destination.removed": "Destination of notifications removed",
  "notification_destination.tested": "Destination of notifications tested",
  "notification_destination.turned_off": "Destination of notifications turned off",
  "mcp.added": "MCP server added",
  "mcp.changed": "MCP server changed",
  "mcp.removed": "MCP server removed",
  "mcp.tested": "MCP server tested",
  "mcp.enabled": "MCP server turned on",
  "mcp.disabled": "MCP server turned off",
  "mcp.tools_approved": "Tools of an MCP server approved",
  "mcp.signed_in": "Signed in to an MCP server",
  "mcp.signed_out": "Signed out of an MCP server",
  "agent.created": "Agent created",
  "agent.changed": "Agent changed",
  "agent.deleted": "Agent deleted",
  "skill.created": "Skill created",
  "skill.changed": "Skill changed",
  "skill.deleted": "Skill deleted",
  "skill.production_set": "Skill in production changed",
  "skill.offer_dismissed": "Agent's change of a skill dismissed",
  "approval_rule.created": "Approval rule created",
  "approval_rule.changed": "Approval rule changed",
  "approval_rule.moved": "Approval rule moved",
  "approval_rule.deleted": "Approval rule deleted",
  "project.changed": "Project changed",
  "project.restored": "Project version restored",
  "setting.changed": "Setting changed",
  "session.command_run": "Command run in a session",
  "session.imported": "Session imported",
  "session.archived": "Session archived",
  "session.restored": "Session restored",
  "session.saved": "Session saved",
  "session.log_removed": "Session log removed",
  "session.deleted": "Session deleted",
  "session.purged": "Deleted session purged",
  "run.cancelled": "Run stopped",
  "member.added": "Member added",
  "member.role_changed": "Role changed",
  "member.removed": "Member removed",
  "member.account_deleted": "Account deleted",
  "member.password_reset": "Password reset",
  "organization.created": "Organization created",
  "organization.renamed": "Organization renamed",
  "organization.deleted": "Organization deleted",
  "support_access.granted": "Support access granted",
  "support_access.ended": "Support access ended",
  "support_access.sessions_listed": "Looked at the list of sessions",
  "support_access.session_read": "Looked at a session",
  "limit.set": "Monthly limit set",
  "limit.removed": "Monthly limit removed",
  "credits.adjusted": "Took credits back",
  "organization.frozen": "Froze the organization",
  "organization.thawed": "Let the organization go on",
  "session.ended": "Stopped a session",
  "credits.granted": "Credits granted",
  "credits.bought": "Credits bought",
  "credits.returned": "Payment refunded",
  "credits.disputed": "Payment disputed",
  "checkout.started": "Checkout started",
  "top_up.changed": "Automatic top-up changed",
  "top_up.turned_off": "Automatic top-up turned off",
  "billing_portal.opened": "Invoices and cards opened",
};
const KINDS: Record<AuditActorKind, string> = {
  member: "A member",
  apiKey: "An API key",
  operator: "The operator",
  system: "Studio",
  driver: "The sign-in service",
};
/** The areas by which a list can be narrowed. */
export const AUDIT_AREAS: Record<string, string> = {
  api_key: "API keys",
  provider_key: "Provider keys",
  variable: "Variables",
  setup: "Set-up",
  git_connection: "Git connections",
  green: "Pull requests to green",
  registry: "Package registries",
  notification_destination: "Destinations of notifications",
  mcp: "MCP servers",
  agent: "Agents",
  skill: "Skills",
  setting: "Settings",
  session: "Sessions",
  run: "Runs",
  member: "Members",
  organization: "Organization",
  support_access: "Support access",
  limit: "Monthly limits",
  credits: "Credits",
  checkout: "Checkouts",
  billing_portal: "Invoices and cards",
};
/** The ways by which an act can come in. */
export const CHANNEL_LABELS: Record<AuditChannel, string> = {
  page: "Page",
  api: "API key",
  cli: "CLI",
};
const MAX_CHARS = 160;

/** What was done, in words; one that this version does not know, as it is. */
export const actionLabel = (action: string): string =>
  (ACTIONS as Record<string, string | undefined>)[action] ?? action;

/** Who did it: a person by the name that they have now, with the key that they used. */
export function actorLabel({ actor }: AuditRow): { name: string; key: string | null } {
  const { person, kind, label, keyLast4 } = actor;
  const name = person?.name ?? label ?? (kind ? KINDS[kind] : "");
  return { name, key: keyLast4 === null ? null : `API key …${keyLast4}` };
}

function words(value: unknown): string {
  if (value === null) return "—";
  if (Array.isArray(value)) return value.map(words).join(", ");
  if (typeof value === "object")
    return Object.entries(value)
      .map(([name, field]) => `${name}: ${words(field)}`)
      .join("; ");
  return typeof value === "string" ? value : JSON.stringify(value);
}

/** A value of an entry, from its JSON text, short enough for a row. */
export function valueLabel(json: string): string {
  const text = words(JSON.parse(json));
  return text.length <= MAX_CHARS ? text : `${text.slice(0, MAX_CHARS)}…`;
}
