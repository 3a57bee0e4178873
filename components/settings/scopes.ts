import type { Scope } from "#domain/roles.ts";

/** What each scope allows, in words. */
export const SCOPE_LABELS: Record<Scope, string> = {
  "sessions:read": "See sessions, runs and events",
  "sessions:write": "Start, steer and stop sessions",
  "approvals:write": "Answer approvals",
  "agents:read": "See agents",
  "agents:write": "Create, change and delete agents",
  "rules:read": "See approval rules",
  "rules:write": "Create, change, and delete approval rules",
  "skills:read": "See skills",
  "skills:write": "Create, change and delete skills",
  "keys:read": "List API keys",
  "keys:write": "Create and revoke API keys",
  "project:read": "Read the project's definitions",
  "project:write": "Change the project's definitions",
  "billing:read": "See credits, ledger and usage",
  "billing:write": "Buy credits",
  "providers:read": "See provider keys (masked)",
  "providers:write": "Change and test provider keys",
  "settings:read": "See the organization's settings",
  "settings:write": "Change the organization's settings",
  "organization:export": "Download all organization data",
  "audit:read": "View audit log",
};
