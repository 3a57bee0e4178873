import { CHECKPOINT_LIMITS, NOT_SAVED } from "./checkpoints.ts";
import type { Approver, DeadlineAction } from "./approvers.ts";
import type { EnvVarPolicy } from "./skills.ts";

/** What an organization decides for all of its sessions; names are those of the API. */
export interface OrganizationSettings {
  /** What is chosen where nobody chose; null leaves it to the catalog and the keys that there are. */
  default_model: { provider: string; model: string } | null;
  /** True: a session that the organization's own key pays for has that key itself in its sandbox. */
  raw_key_injection: boolean;
  /** After how long without activity a session and its sandbox are stopped. */
  idle_timeout_minutes: number;
  /** How many sessions may be live at once. */
  max_live_sessions: number;
  /** After how many days without activity the log of an ended session is removed; null keeps it. */
  session_log_retention_days: number | null;
  /** How much saved work there may be, in GB (10⁹ bytes); at that, nothing more is saved. */
  saved_work_gb: number;
  /** Names that are not saved, in whatever folder. */
  not_saved: string[];
  /** What happens to a run whose skill needs a variable that its sandbox does not have. */
  env_var_missing_policy: EnvVarPolicy;
  /** Who may approve what, where that is not for everyone who works in an environment. */
  approvers: Approver[];
  /** How long a request or a question waits for an answer. */
  approval_deadline_minutes: number;
  /** What becomes of it then. */
  approval_deadline_action: DeadlineAction;
  /** How many hours sandboxes may run in a month (UTC) in all; 0 for no limit, null for the operator's default. */
  sandbox_hours_per_month: number | null;
}
export type SettingKey = keyof OrganizationSettings;

export const DEFAULT_SETTINGS: OrganizationSettings = {
  default_model: null,
  raw_key_injection: false,
  idle_timeout_minutes: 15,
  max_live_sessions: 20,
  session_log_retention_days: null,
  saved_work_gb: CHECKPOINT_LIMITS.maxOrganizationBytes / 1e9,
  not_saved: [...NOT_SAVED],
  env_var_missing_policy: "fail_fast",
  approvers: [],
  approval_deadline_minutes: 10,
  approval_deadline_action: "auto",
  sandbox_hours_per_month: null,
};
export const SETTING_KEYS = [
  "default_model",
  "raw_key_injection",
  "idle_timeout_minutes",
  "max_live_sessions",
  "session_log_retention_days",
  "saved_work_gb",
  "not_saved",
  "env_var_missing_policy",
  "approvers",
  "approval_deadline_minutes",
  "approval_deadline_action",
  "sandbox_hours_per_month",
] as const satisfies SettingKey[];

/** The bounds of the settings that are numbers, both ends allowed. */
export const SETTING_BOUNDS = {
  idle_timeout_minutes: { min: 1, max: 240 },
  max_live_sessions: { min: 1, max: 200 },
  session_log_retention_days: { min: 1, max: 3_650 },
  approval_deadline_minutes: { min: 1, max: 1_440 },
  sandbox_hours_per_month: { min: 0, max: 1_000_000 },
  saved_work_gb: { min: 1, max: CHECKPOINT_LIMITS.maxOrganizationBytes / 1e9 },
} as const;
