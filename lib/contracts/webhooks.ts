import { z } from "zod";
import { WEBHOOK_STATES } from "#domain/webhooks.ts";

/** Of `POST /api/v1/runs`: who is told of the run's end. */
export const webhookBody = z.strictObject({
  url: z.string().min(1).max(2_000).describe("HTTPS, at a public address."),
  secret: z
    .string()
    .regex(
      /^whsec_[A-Za-z0-9+/]{32,88}={0,2}$/,
      "secret: send whsec_ and 24 to 64 bytes as base64, or leave it out.",
    )
    .optional()
    .describe(
      "What deliveries are signed with, as Standard Webhooks writes it; without it one is made, and shown once.",
    ),
});

/** How a webhook stands. */
export const webhookSchema = z.object({
  url: z.string(),
  status: z
    .enum(WEBHOOK_STATES)
    .describe("`waiting` for the run's end; `due`: its delivery is tried until one is taken."),
  attempts: z.number().int(),
  next_attempt_at: z.string().nullable(),
  last_status: z
    .number()
    .int()
    .nullable()
    .describe("HTTP status of the last attempt; null where there was no response."),
  last_error: z.string().nullable(),
  delivered_at: z.string().nullable(),
});
