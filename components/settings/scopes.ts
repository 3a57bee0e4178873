import type { Scope } from "../../lib/domain/roles.ts";
import { apiKeys as t } from "../../lib/client/messages/api-keys.ts";

/** What each scope allows, in words. */
export const SCOPE_WORDS: Record<Scope, string> = {
  "sessions:read": t.seeSessionsRunsAndEvents,
  "sessions:write": t.startSteerAndStopSessions,
  "approvals:write": t.answerApprovals,
  "keys:read": t.listAPIKeys,
  "keys:write": t.makeAndRevokeAPIKeys,
  "project:read": t.readTheProjectsDefinitions,
  "billing:read": t.seeCreditsLedgerAndUsage,
  "providers:read": t.seeProviderKeysMasked,
  "providers:write": t.changeAndTestProviderKeys,
  "settings:read": t.seeTheOrganizationsSettings,
  "settings:write": t.changeTheOrganizationsSettings,
  "organization:export": t.downloadAllOfTheOrganizations,
  "audit:read": t.readTheAuditLog,
};
