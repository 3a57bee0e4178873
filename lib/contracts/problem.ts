import { z } from "zod";

export { PROBLEMS, type ProblemCode } from "#domain/problems/details.ts";

/** RFC 9457 problem details. `detail` says what happened and what to do. */
export const problemSchema = z.object({
  type: z.string(),
  title: z.string(),
  status: z.number().int(),
  detail: z.string().describe("What happened, and what to do, in a sentence for a person."),
  instance: z.string(),
  code: z.string().describe("Stable; the words may change."),
  kind: z
    .string()
    .describe(
      "What exactly was refused, more closely than the code; stable. Absent where the code says it all.",
    )
    .optional(),
  params: z
    .record(z.string(), z.union([z.string(), z.number(), z.null(), z.array(z.string())]))
    .describe("The values that `detail` was made with, by name.")
    .optional(),
  requestId: z
    .string()
    .describe("Also in the header `X-Request-Id`; it finds an unexpected error in the server's log."),
  errors: z.array(z.object({ path: z.string(), message: z.string() })).optional(),
});
export type Problem = z.infer<typeof problemSchema>;
