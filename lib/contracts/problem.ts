import { z } from "zod";

/** Every way a request can be refused, and its HTTP status. The code is stable; the words may change. */
export const PROBLEMS = {
  invalid_request: 400,
  unknown_provider: 400,
  unknown_model: 400,
  unauthenticated: 401,
  no_key: 402,
  no_credits: 402,
  forbidden: 403,
  not_found: 404,
  method_not_allowed: 405,
  already_decided: 409,
  already_exists: 409,
  session_stopped: 409,
  session_limit: 409,
  repeat_differs: 409,
  not_ready: 409,
  file_changed: 409,
  key_unreadable: 409,
  terminal_limit: 409,
  queue_full: 409,
  not_waiting: 409,
  turn_running: 409,
  not_saved: 409,
  too_large: 413,
  unsupported_media_type: 415,
  rate_limited: 429,
  internal: 500,
  not_implemented: 501,
  upstream_failed: 502,
  git_failed: 502,
  unavailable: 503,
} as const;
export type ProblemCode = keyof typeof PROBLEMS;

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
