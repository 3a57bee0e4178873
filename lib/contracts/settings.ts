import { z } from "zod";
import { type OrganizationSettings, SETTING_BOUNDS, type SettingKey } from "../domain/settings.ts";

const whole = ({ min, max }: { min: number; max: number }) => z.number().int().min(min).max(max);

/** `GET /api/v1/settings`: every setting with its value, the default where nobody has set it. */
export const settingsSchema = z.strictObject({
  default_model: z
    .strictObject({ provider: z.string().min(1).max(200), model: z.string().min(1).max(200) })
    .nullable(),
  raw_key_injection: z.boolean(),
  idle_timeout_minutes: whole(SETTING_BOUNDS.idle_timeout_minutes),
  max_live_sessions: whole(SETTING_BOUNDS.max_live_sessions),
}) satisfies z.ZodType<OrganizationSettings>;
export const settingsResponse = z.object({ settings: settingsSchema });

/** `PUT /api/v1/settings/{key}`; which value a key takes is checked with `settingsSchema`. */
export const putSettingBody = z.strictObject({ value: z.unknown() });

/** `GET` and `PUT /api/v1/settings/{key}` */
export const settingResponse = z.object({
  key: z.enum(Object.keys(settingsSchema.shape) as [SettingKey]),
  value: z.unknown(),
});
