import { z } from "zod";
import { ACCEPTED_LIMIT, GAP_KINDS } from "#domain/repeat.ts";
import { LIMITS } from "#domain/limits.ts";
import { boundedTexts, boundedText } from "./limits.ts";
import { idParam } from "./route.ts";
import { BOTH, isWhole, modelChoice } from "./sessions.ts";

const gap = z.object({
  id: z.string().describe("What `accept` takes."),
  kind: z.enum(GAP_KINDS),
  name: z
    .string()
    .nullable()
    .describe("Which skill, server, model or repository; null where there is only one."),
  detail: z.string().describe("What can't be had as it was, and what the repeat has in its place."),
});

/** `GET /api/v1/sessions/{id}/repeat` */
export const repeatPlan = z.object({
  gaps: z.array(gap).describe("Empty where the session can be repeated exactly."),
});

/** `POST /api/v1/sessions/{id}/repeat` */
export const repeatBody = z
  .strictObject({
    run_id: idParam
      .optional()
      .describe(
        "A run of the session, whose input the new session is sent. Without it the new session waits.",
      ),
    accept: boundedTexts(ACCEPTED_LIMIT)
      .default([])
      .describe("Ids of the gaps to go on with. One that is not among them refuses the request."),
    title: boundedText(LIMITS.title, { trim: true }).optional(),
    ...modelChoice,
  })
  .refine(isWhole, BOTH);

export const repeatResponse = z.object({ session_id: z.string(), run_id: z.string().nullable() });
