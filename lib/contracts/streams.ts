import { z } from "zod";

const NO_SEQ = "must be a sequence number.";
/** A place names the sessions of the last seconds; far more than an organization may have live. */
export const MAX_PLACE_CHARS = 64_000;

/** Where a stream of a session's events begins. */
export const seqQuery = z.object({
  after: z.coerce
    .number(NO_SEQ)
    .int(NO_SEQ)
    .min(0, NO_SEQ)
    .optional()
    .describe(
      "The `seq` behind which the stream begins; by default what `Last-Event-ID` says, or the start.",
    ),
});

/** Where the organization's stream begins. */
export const placeQuery = z.object({
  after: z
    .string()
    .max(MAX_PLACE_CHARS)
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
