import { z } from "zod";
import { SUPPORT_HOURS, SUPPORT_LIMITS } from "#domain/support.ts";
import { boundedText } from "./limits.ts";

/** `POST /api/v1/support-access` */
export const grantSupportBody = z.strictObject({
  hours: z.literal(SUPPORT_HOURS).describe("How long it lasts."),
  reason: boundedText(SUPPORT_LIMITS.reason, { trim: true }).describe(
    "Why, such as a ticket. The operator and all members see it.",
  ),
});

/** `POST /api/v1/support-access` */
export const grantedSupportResponse = z.object({ until: z.iso.datetime() });

/** `GET /api/v1/support-access` */
export const supportAccessResponse = z.object({
  support_access: z
    .object({
      granted_at: z.iso.datetime(),
      granted_by: z.string(),
      until: z.iso.datetime(),
      reason: z.string(),
    })
    .nullable()
    .describe("Null where the operator may read no session."),
});
