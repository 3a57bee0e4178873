/** The parts of an organization's export, in the order in which they are written. */
export const EXPORT_TABLES = [
  "members",
  "sessions",
  "runs",
  "events",
  "approvals",
  "usage",
  "ledger",
  "api_keys",
  "provider_keys",
  "variables",
  "git_connections",
  "registries",
  "agents",
  "session_agents",
  "session_repositories",
  "settings",
  "network_policies",
  "setup_scripts",
  "audit",
  "project_definitions",
] as const;
export type ExportTable = (typeof EXPORT_TABLES)[number];
