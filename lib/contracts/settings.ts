import { z } from "zod";
import { APPROVER_ROLES, DEADLINE_ACTIONS, MAX_APPROVERS, SOMEONE_ELSE_MINUTES } from "#domain/approvers.ts";
import { ENVIRONMENTS } from "#domain/catalog.ts";
import { LIMITS } from "#domain/limits.ts";
import { ACT_KINDS } from "#domain/act-kinds.ts";
import { type OrganizationSettings, SETTING_BOUNDS, SETTING_KEYS } from "#domain/settings.ts";
import { boundedText, boundedTexts, boundedWhole } from "./limits.ts";
import { ENV_VAR_POLICIES } from "#domain/skills.ts";

/** `GET /api/v1/settings`: every setting with its value, the default where nobody has set it. */
export const settingsSchema = z.strictObject({
  default_model: z
    .strictObject({ provider: boundedText(LIMITS.providerId), model: boundedText(LIMITS.modelId) })
    .nullable(),
  raw_key_injection: z.boolean(),
  idle_timeout_minutes: boundedWhole({ kind: "whole", ...SETTING_BOUNDS.idle_timeout_minutes }),
  max_live_sessions: boundedWhole({ kind: "whole", ...SETTING_BOUNDS.max_live_sessions }),
  session_log_retention_days: boundedWhole({
    kind: "whole",
    ...SETTING_BOUNDS.session_log_retention_days,
  })
    .nullable()
    .describe("Days after which the log of an ended session is removed; null keeps it."),
  saved_work_gb: boundedWhole({ kind: "whole", ...SETTING_BOUNDS.saved_work_gb }).describe(
    "How much saved work there may be, in GB; at that, nothing more is saved.",
  ),
  not_saved: boundedTexts(LIMITS.skippedNames).describe(
    "Names of files and folders that are not saved, wherever they are: what can be made again.",
  ),
  env_var_missing_policy: z
    .enum(ENV_VAR_POLICIES)
    .describe(
      "What happens to a run that mentions a skill whose variable its sandbox doesn't have: it fails at once, or goes on without the skill.",
    ),
  approvers: z
    .array(
      z.strictObject({
        environment: z.enum(ENVIRONMENTS),
        kind: z.enum(ACT_KINDS),
        role: z.enum(APPROVER_ROLES),
        someone_else: z.boolean().describe("Whether who started the run may not approve it."),
        someone_else_minutes: boundedWhole({ kind: "whole", ...SOMEONE_ELSE_MINUTES })
          .nullable()
          .describe("After so many minutes without an answer they may all the same; null for never."),
      }),
    )
    .max(MAX_APPROVERS)
    .describe(
      "Who may approve what: for a kind of act in an environment, the least role. What has no entry is for everyone who may work there; an act of several kinds needs all that they need. Anyone who works there may deny.",
    ),
  approval_deadline_minutes: boundedWhole({
    kind: "whole",
    ...SETTING_BOUNDS.approval_deadline_minutes,
  }).describe("How long a request or a question of the agent waits for an answer."),
  approval_deadline_action: z
    .enum(DEADLINE_ACTIONS)
    .describe(
      "What becomes of it then. `deny`: it's denied (a question is skipped), and the agent goes on. `park`: the session is saved and stops, and goes on at the answer or the next message. `auto` parks where a person started the run, and denies for runs of API keys and pursuits.",
    ),
  sandbox_hours_per_month: boundedWhole({ kind: "whole", ...SETTING_BOUNDS.sandbox_hours_per_month })
    .nullable()
    .describe(
      "How many hours the organization's sandboxes may run in a month (UTC) in all; then no new one is created. 0 for no limit, null for the operator's default.",
    ),
}) satisfies z.ZodType<OrganizationSettings>;
export const settingsResponse = z.object({ settings: settingsSchema });

/** `PUT /api/v1/settings/{key}`; which value a key takes is checked with `settingsSchema`. */
export const putSettingBody = z.strictObject({
  value: z.unknown().describe("As the setting has it in `GET /api/v1/settings`."),
});

/** `GET` and `PUT /api/v1/settings/{key}` */
export const settingResponse = z.object({
  key: z.enum(SETTING_KEYS),
  value: z.union(Object.values(settingsSchema.shape)),
});

/** Query of `GET /api/v1/retention-preview`. */
export const retentionPreviewQuery = z.object({
  days: z.coerce
    .number()
    .pipe(boundedWhole({ kind: "whole", ...SETTING_BOUNDS.session_log_retention_days }))
    .describe("As `session_log_retention_days` would be."),
});

/** `GET /api/v1/retention-preview` */
export const retentionPreviewResponse = z.object({
  as_of: z.iso.datetime(),
  sessions: z.number().int().describe("Ended sessions whose logs and saved files would go."),
  events: z.number().int(),
  checkpoints: z.number().int(),
  bytes: z.number().int().describe("Of saved work that no other session shares."),
  is_more: z.boolean().describe("Whether there is more than was counted: then each number is the least."),
  oldest_at: z.iso.datetime().nullable().describe("Last activity of the oldest of them."),
  newest_at: z.iso.datetime().nullable(),
});
export type RetentionPreview = z.infer<typeof retentionPreviewResponse>;
