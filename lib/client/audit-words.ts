import type { AuditAction, AuditActorKind, AuditChannel } from "../domain/audit.ts";
import type { AuditRow } from "./live-settings.ts";
import { audit as t } from "./messages/audit.ts";
import { fill } from "./messages/text.ts";

const ACTIONS: Record<AuditAction, string> = {
  "api_key.created": t.didApiKeyCreated,
  "api_key.revoked": t.didApiKeyRevoked,
  "provider_key.added": t.didProviderKeyAdded,
  "provider_key.replaced": t.didProviderKeyReplaced,
  "provider_key.removed": t.didProviderKeyRemoved,
  "provider_key.tested": t.didProviderKeyTested,
  "setting.changed": t.didSettingChanged,
  "session.archived": t.didSessionArchived,
  "session.restored": t.didSessionRestored,
  "run.cancelled": t.didRunCancelled,
  "member.added": t.didMemberAdded,
  "member.role_changed": t.didMemberRoleChanged,
  "member.removed": t.didMemberRemoved,
  "member.account_deleted": t.didMemberAccountDeleted,
  "organization.created": t.didOrganizationCreated,
  "organization.renamed": t.didOrganizationRenamed,
  "organization.deleted": t.didOrganizationDeleted,
  "credits.granted": t.didCreditsGranted,
};
const KINDS: Record<AuditActorKind, string> = {
  member: t.byMember,
  apiKey: t.byApiKey,
  operator: t.byOperator,
  system: t.bySystem,
  driver: t.byDriver,
};
/** The areas by which a list can be narrowed. */
export const AUDIT_AREAS: Record<string, string> = {
  api_key: t.areaApiKey,
  provider_key: t.areaProviderKey,
  setting: t.areaSetting,
  session: t.areaSession,
  run: t.areaRun,
  member: t.areaMember,
  organization: t.areaOrganization,
  credits: t.areaCredits,
};
/** The ways by which an act can come in. */
export const CHANNEL_WORDS: Record<AuditChannel, string> = {
  page: t.fromPage,
  api: t.fromApi,
  cli: t.fromCli,
};
const MAX_CHARS = 160;

/** What was done, in words; one that this version does not know, as it is. */
export const actionWords = (action: string): string =>
  (ACTIONS as Record<string, string | undefined>)[action] ?? action;

/** Who did it: a person by the name that they have now, with the key that they used. */
export function actorWords({ actor }: AuditRow): { name: string; key: string | null } {
  const { person, kind, label, keyLast4 } = actor;
  const name = person?.name ?? label ?? (kind ? KINDS[kind] : "");
  return { name, key: keyLast4 === null ? null : fill(t.byKey, { last4: keyLast4 }) };
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
export function valueWords(json: string): string {
  const text = words(JSON.parse(json));
  return text.length <= MAX_CHARS ? text : `${text.slice(0, MAX_CHARS)}…`;
}
