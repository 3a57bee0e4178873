import { z } from "zod";

const refusal = (text: unknown) => `“${String(text).slice(0, 40)}” is no sequence number.`;

/** Where a stream of a session's events begins. */
export const seqQuery = z.object({
  after: z.coerce
    .number({ error: ({ input }) => refusal(input) })
    .int({ error: ({ input }) => refusal(input) })
    .min(0, { error: ({ input }) => refusal(input) })
    .optional()
    .describe(
      "The `seq` behind which the stream begins; by default what `Last-Event-ID` says, or the start.",
    ),
});

/** Where the organization's stream begins. */
export const placeQuery = z.object({
  after: z
    .string()
    .max(2_000)
    .optional()
    .describe("An `id` of this stream, to continue behind it; by default what `Last-Event-ID` says, or now."),
});

/** What `EventSource` sends when it reconnects. */
export const lastEventId = z.object({
  "last-event-id": z
    .string()
    .optional()
    .describe("The `id` of the last event that was received, as browsers send it on reconnecting."),
});
