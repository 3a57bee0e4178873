import { z } from "zod";
import { DESTINATION_KINDS, DESTINATION_LIMITS } from "#domain/deliveries.ts";
import { NOTIFICATION_KINDS } from "#domain/notifications.ts";
import { boundedText } from "./limits.ts";
import { webhookBody } from "./webhooks.ts";

const name = boundedText(DESTINATION_LIMITS.name, { trim: true });
const kinds = z
  .array(z.enum(NOTIFICATION_KINDS))
  .min(1)
  .max(NOTIFICATION_KINDS.length)
  .describe("What it is told of, in all sessions of the organization.");

/** `POST /api/v1/notification-destinations`. */
export const createDestinationBody = z.strictObject({
  kind: z
    .enum(DESTINATION_KINDS)
    .describe("`slack`: an incoming webhook of Slack's, or of what takes the same. `webhook`: signed JSON."),
  name,
  url: webhookBody.shape.url.describe("HTTPS, at a public address. It isn't shown again, but for its host."),
  secret: webhookBody.shape.secret.describe(
    "Of a `webhook`: what deliveries are signed with, as Standard Webhooks writes it; without it one is made, and shown once.",
  ),
  kinds,
});

/** `PATCH /api/v1/notification-destinations/{destination}`. */
export const updateDestinationBody = z.strictObject({
  name: name.optional(),
  kinds: kinds.optional(),
  enabled: z.boolean().optional().describe("Turning it on forgets what failed before."),
});

const destinationSchema = z.object({
  id: z.string(),
  kind: z.enum(DESTINATION_KINDS),
  name: z.string(),
  host: z.string(),
  kinds: z.array(z.enum(NOTIFICATION_KINDS)),
  enabled: z.boolean(),
  off_because: z.string().nullable().describe("Why Studio has turned it off; null where it hasn't."),
  last_error: z.string().nullable().describe("Why the last delivery was given up; null where it got there."),
  last_delivered_at: z.iso.datetime().nullable(),
  created_at: z.iso.datetime(),
  updated_at: z.iso.datetime(),
});
export type Destination = z.infer<typeof destinationSchema>;

export const destinationsResponse = z.object({ destinations: z.array(destinationSchema) });
export const destinationResponse = z.object({ destination: destinationSchema });
export const createDestinationResponse = destinationResponse.extend({
  secret: z
    .string()
    .optional()
    .describe("What deliveries are signed with, where one was made. It is shown this once."),
});

/** `POST /api/v1/notification-destinations/{destination}/test`. */
export const testDestinationResponse = z.object({
  sent: z.boolean(),
  error: z.string().nullable().describe("What went wrong; null where it got there."),
});

/** The body of a delivery to a `webhook`, signed as that of a run's webhook is. Its `webhook-id` is the same each time. */
export const notificationDelivery = z.object({
  type: z.templateLiteral(["notification.", z.enum([...NOTIFICATION_KINDS, "test"])]),
  timestamp: z.iso.datetime().describe("When it happened."),
  data: z.object({
    organization_id: z.string(),
    session_id: z.string().nullable(),
    run_id: z.string().nullable(),
    key: z.string().nullable().describe("Of the request or the question that waits, within its run."),
    title: z.string().describe("Of the session."),
    text: z.string(),
    url: z.string().describe("Where a person opens it in Studio."),
  }),
});
export type NotificationDelivery = z.infer<typeof notificationDelivery>;
