import { z } from "zod";

const refusal = (text: unknown) => `“${String(text).slice(0, 40)}” is no sequence number.`;

/** Where a stream begins: behind this `seq`. It counts before `Last-Event-ID`; without both the stream begins at the start. */
export const seqQuery = z.object({
  after: z.coerce
    .number({ error: ({ input }) => refusal(input) })
    .int({ error: ({ input }) => refusal(input) })
    .min(0, { error: ({ input }) => refusal(input) })
    .optional(),
});

/** Where the organization's stream begins: a place that the stream named before. Without one it begins now. */
export const placeQuery = z.object({ after: z.string().max(2_000).optional() });

/** What `EventSource` sends when it reconnects. */
export const lastEventId = z.object({
  "last-event-id": z
    .string()
    .optional()
    .describe("The `id` of the last event that was received, as browsers send it on reconnecting."),
});
