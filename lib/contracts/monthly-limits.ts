import { z } from "zod";
import { LIMIT_SUBJECTS, MONTHLY_LIMIT } from "#domain/monthly-limits.ts";
import { idParam } from "./route.ts";

const subject = z.enum(LIMIT_SUBJECTS);
const subjectId = idParam
  .optional()
  .describe("The id of the member (user), agent or API key. Of the organization it can be left out.");

/** A monthly limit, and how its month stands. Money is integer micro-USD. */
export const monthlyLimitSchema = z.object({
  subject,
  subject_id: z.string(),
  name: z.string().nullable().describe("Null where the member, agent or key is gone."),
  limit_micro_usd: z.number().int(),
  spent_micro_usd: z
    .number()
    .int()
    .describe("What model calls of this month have cost, with credits and with own keys alike."),
  held_micro_usd: z.number().int().describe("What calls in progress may still cost."),
  warned_percent: z
    .number()
    .int()
    .describe("The highest of 50, 80 and 100 percent that was announced this month; 0 for none."),
  month: z.string().describe("`2026-11`, in UTC."),
  resets_at: z.iso.datetime().describe("When the month is over."),
});

export const monthlyLimitResponse = z.object({ limit: monthlyLimitSchema });

/** `GET /api/v1/limits`. A page may be short, or empty, before the end: `next_cursor` says. */
export const monthlyLimitsResponse = z.object({
  limits: z.array(monthlyLimitSchema),
  next_cursor: z.string().nullable(),
});

/** `PUT /api/v1/limits`. */
export const putMonthlyLimitBody = z.strictObject({
  subject,
  subject_id: subjectId,
  limit_micro_usd: z.number().int().min(MONTHLY_LIMIT.min).max(MONTHLY_LIMIT.max),
});

/** Query of `DELETE /api/v1/limits`. */
export const monthlyLimitQuery = z.object({ subject, subject_id: subjectId });
