import { z } from "zod";
import { ENVIRONMENTS } from "#domain/catalog.ts";
import { envelopeSchema } from "#domain/events.ts";
import { MASKED_KINDS } from "#domain/export-mask.ts";
import { LIMITS, MAX_PAGE } from "#domain/limits.ts";
import { STATUSES, WAIT_CAUSES } from "#domain/lifecycle.ts";
import { pinnedAgentJson } from "./agents.ts";
import { boundedText, boundedTexts } from "./limits.ts";
import { idParam } from "./route.ts";

/** The states by which `/api/v1` narrows a list. */
const V1_STATUSES = ["active", "completed", "archived", "error"] as const;
/** Sessions that `offset` can pass over; behind that a cursor leads. */
const MAX_OFFSET = 1_000;

/** Query of `GET /api/v1/sessions`. */
export const v1SessionsQuery = z.object({
  limit: z.coerce.number().int().min(1).max(MAX_PAGE).default(50),
  offset: z.coerce
    .number()
    .int()
    .min(0)
    .max(MAX_OFFSET)
    .default(0)
    .describe("Sessions to pass over, from the first or from the cursor on."),
  cursor: z.string().max(2000).optional().describe("From the page before; opaque."),
  status: z
    .enum(V1_STATUSES)
    .optional()
    .describe("`active`: those that live; `completed`: those that were stopped; `error`: those that failed."),
  agent_id: idParam.optional().describe("The sessions of one agent alone."),
  environment: z.enum(ENVIRONMENTS).optional(),
  mine: z.stringbool().optional().describe("Whether to list the caller's own sessions only."),
  text: boundedText(LIMITS.searchText)
    .optional()
    .describe("Words of the title, prompts, or answers, in any case; the last one may be incomplete."),
});

/** A session as `/api/v1` has it. */
export const v1SessionSchema = z.object({
  id: z.string(),
  session_id: z.string().describe("The same as `id`."),
  agent_id: z.string().nullable(),
  agent_name: z.string().nullable(),
  title: z.string(),
  status: z.enum(STATUSES),
  waiting_for: z.enum(WAIT_CAUSES).nullable(),
  environment: z.enum(ENVIRONMENTS),
  provider: z.string(),
  model: z.string(),
  parent_session_id: z.string().nullable().describe("The session that it branched from; else null."),
  branch_from_seq: z.number().int().nullable(),
  message_count: z.number().int(),
  runs_count: z.number().int(),
  total_input_tokens: z.number().int(),
  total_output_tokens: z.number().int(),
  total_cost_usd: z.number(),
  created_at: z.string(),
  updated_at: z.string(),
  ended_at: z.string().nullable(),
  archived_at: z.string().nullable(),
  imported_at: z
    .string()
    .optional()
    .describe("When it was imported from an export: it can only be read. Absent where it was started here."),
});
export type V1Session = z.infer<typeof v1SessionSchema>;
export const v1SessionsResponse = z.object({
  sessions: z.array(v1SessionSchema),
  next_cursor: z.string().nullable(),
});

export const v1MessageSchema = z.object({
  id: z.string(),
  session_id: z.string(),
  run_id: z.string().nullable(),
  seq: z.number().int(),
  role: z.enum(["user", "assistant", "system"]),
  content: z.string(),
  truncated: z.boolean().optional().describe("True where `content` is the beginning of a longer text."),
  model: z.string().optional(),
  provider: z.string().optional(),
  input_tokens: z
    .number()
    .int()
    .optional()
    .describe("Of the model call that brought it, where that is known."),
  output_tokens: z.number().int().optional(),
  cost_usd: z.number().optional(),
  duration_ms: z.number().optional(),
  tool_calls: z.array(z.string()).optional().describe("The `tool_call_id` of each tool that it called."),
  created_at: z.string(),
});
export type V1Message = z.infer<typeof v1MessageSchema>;

/** `GET /api/v1/sessions/{id}` */
export const v1SessionDetail = v1SessionSchema.extend({
  messages: z.array(v1MessageSchema).describe("In order, from the first on."),
  messages_truncated: z
    .boolean()
    .describe("True where there are more; `GET /api/v1/sessions/{id}/events?types=message.*` has all."),
  agent: pinnedAgentJson
    .nullable()
    .describe("What its agent was when the session began; null where it has none."),
});

/** `GET /api/v1/sessions/{id}/stats` */
export const sessionStats = z.object({
  total_input_tokens: z.number().int(),
  total_output_tokens: z.number().int(),
  total_cost_usd: z.number(),
  total_duration_ms: z.number().describe("From its beginning to its end, or to now."),
  llm_call_count: z.number().int(),
  tool_call_count: z.number().int(),
  tool_approved_count: z.number().int(),
  tool_denied_count: z.number().int(),
  model: z.string(),
  provider: z.string(),
});

/** `GET /api/v1/sessions/{id}/export` */
export const sessionExportQuery = z.object({
  format: z
    .enum(["json", "jsonl", "markdown"])
    .default("json")
    .describe("`jsonl`: the events alone, one a line; `markdown`: the conversation, to be read."),
});
const exportMask = boundedTexts(LIMITS.exportMask)
  .default([])
  .describe("Texts to be hidden wherever they stand, beside what the log hides already.");
/** `POST /api/v1/sessions/{id}/export` */
export const maskedExportBody = sessionExportQuery.extend({ mask: exportMask });
/** `POST /api/v1/sessions/{id}/export/review` */
export const exportReviewBody = z.object({ mask: exportMask });
export const exportReview = z.object({
  events: z.number().int(),
  masked: z.array(
    z.object({
      kind: z
        .enum(MASKED_KINDS)
        .describe("`secret`: a value that the sandbox knew; `studio_token`: a token of Studio's own."),
      text: z.string().optional().describe("Of `by_hand` alone: the text that would be hidden."),
      count: z.number().int(),
      places: z
        .array(z.object({ seq: z.number().int(), type: z.string(), field: z.string() }))
        .describe("The first 20; `seq` is 0 for what stands before the events."),
    }),
  ),
});
export const sessionExport = z.object({
  export_version: z.literal(1),
  exported_at: z.string(),
  session: v1SessionSchema,
  agent: pinnedAgentJson
    .nullable()
    .describe("What its agent was when the session began; null where it has none."),
  stats: sessionStats,
  events: z.array(envelopeSchema).describe("The whole log, in order."),
});

/** What stands beside the events in an export that is imported. A field that is none of these is refused. */
export const importedHead = z.strictObject({
  ...sessionExport.shape,
  session: v1SessionSchema.strict(),
  agent: pinnedAgentJson.strict().nullable(),
  stats: sessionStats.strict(),
  /** They were taken out as they came. */
  events: z.array(z.unknown()).max(0, "must stand in the object itself, under this name as it is"),
});

/** `POST /api/v1/sessions/import` */
export const importQuery = z.object({
  environment: z
    .enum(ENVIRONMENTS)
    .optional()
    .describe("Where the session stands here; without it, development, or the key's own."),
});

/** `DELETE /api/v1/sessions/{id}` */
export const deletedSession = z.object({
  session_id: z.string(),
  deleted: z.object({
    events: z.number().int(),
    checkpoints: z.number().int(),
    saved_bytes: z.number().int(),
  }),
  purged_by: z.string().describe("When nothing of it is left at the latest, apart from what it cost."),
});

/** What runs behind a session. */
export const sandboxStatus = z.object({
  running: z.boolean(),
  status: z.enum(STATUSES),
  sandbox_id: z.string().nullable(),
});
export type SandboxStatus = z.infer<typeof sandboxStatus>;
