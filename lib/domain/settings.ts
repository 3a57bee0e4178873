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
}
export type SettingKey = keyof OrganizationSettings;

export const DEFAULT_SETTINGS: OrganizationSettings = {
  default_model: null,
  raw_key_injection: false,
  idle_timeout_minutes: 15,
  max_live_sessions: 20,
  session_log_retention_days: null,
};
export const SETTING_KEYS = [
  "default_model",
  "raw_key_injection",
  "idle_timeout_minutes",
  "max_live_sessions",
  "session_log_retention_days",
] as const satisfies SettingKey[];

/** The bounds of the settings that are numbers, both ends allowed. */
export const SETTING_BOUNDS = {
  idle_timeout_minutes: { min: 1, max: 240 },
  max_live_sessions: { min: 1, max: 200 },
  session_log_retention_days: { min: 1, max: 3_650 },
} as const;
