import { z } from "zod";
import { LIMITS } from "#domain/limits.ts";
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
