import { z } from "zod";
import { ANSWER_NOTES } from "./answers.ts";
import { KEY_SOURCES } from "./catalog.ts";
import { COMMAND_EVENTS } from "./command-events.ts";
import type { EVENT_TYPES } from "./event-types.ts";
import { GIT_ACTS } from "./git.ts";
import { GREEN_ENDS } from "./green.ts";
import { STATUSES, WAIT_CAUSES } from "./lifecycle.ts";
import { LLM_PAYLOADS } from "./llm-events.ts";
import { LIMIT_SUBJECTS } from "./monthly-limits.ts";
import { MCP_PAYLOADS } from "./mcp-events.ts";
import { NETWORK_MODES, NETWORK_PRESET_IDS, REFUSAL_REASONS } from "./network.ts";
import { askedSchema } from "./questions.ts";
import { decidingRules, madeRule } from "./rules/event-parts.ts";
import { SAVED_EVENTS } from "./saved-events.ts";
import { PROJECT_PAYLOADS } from "./project-events.ts";
import { SKILL_PAYLOADS } from "./skill-events.ts";
import { VIOLATIONS } from "./decisions.ts";

/** A file's text before and after a change; `old_text` is null where the file is new. */
export const diffSchema = z.object({
  path: z.string(),
  old_text: z.string().nullable(),
  new_text: z.string(),
  /** True where the texts are only the beginnings of what was changed. */
  truncated: z.boolean().optional(),
  /** Where the whole of it is kept, and how long it is. */
  artifact_id: z.string().optional(),
  chars: z.number().int().optional(),
  /** Of the whole of `new_text` as UTF-8: its size, and its SHA-256 in hexadecimal. */
  bytes: z.number().int().optional(),
  sha256: z.string().optional(),
});
export type Diff = z.infer<typeof diffSchema>;

/** How a text's lines end. */
const LINE_ENDS = ["LF", "CRLF", "mixed"] as const;
export type LineEnds = (typeof LINE_ENDS)[number];

/** What people should know of a file that would be changed, beyond its diff. */
const changeNoteSchema = z.object({
  path: z.string(),
  /** The path that the agent named, where a link on it leads to `path`. */
  through: z.string().optional(),
  line_ends: z.object({ from: z.enum(LINE_ENDS), to: z.enum(LINE_ENDS) }).optional(),
  /** True where the file could not be looked at: nothing is known of its encoding, or of where it leads. */
  unchecked: z.boolean().optional(),
  /** True where what would change is not known, or not known to be true. */
  no_preview: z.boolean().optional(),
});
export type ChangeNote = z.infer<typeof changeNoteSchema>;

const tool = { tool_call_id: z.string(), tool_name: z.string() };
/** What becomes of something that nobody answers in time: it is denied or skipped, or its session is parked. */
const onExpiry = z.enum(["deny", "park"]);

const money = { cost_micro_usd: z.number().int().optional() };

/**
 * The payload of every event type. Names and fields are additive: a reader shows a type
 * that it does not know, and never drops it.
 */
export const EVENT_PAYLOADS = {
  "session.started": z.object({
    title: z.string(),
    environment: z.string(),
    provider: z.string(),
    model: z.string(),
    key_source: z.string(),
    notice: z.string().optional(),
    repository: z.string().optional(),
    /** The session that it repeats, and what it can't have as that had it, in words. */
    repeats: z.object({ session_id: z.string(), title: z.string(), differs: z.array(z.string()) }).optional(),
    agent_id: z.string().optional(),
    agent_name: z.string().optional(),
  }),
  "session.renamed": z.object({ title: z.string(), changed_by: z.string().optional() }),
  "session.status": z.object({
    status: z.enum(STATUSES),
    waiting_for: z.enum(WAIT_CAUSES).nullish(),
    /**
     * With `provider`: its HTTP status, and when it may be asked again (epoch milliseconds). With `limit`: 402, when the
     * month is over, and whose limit it is.
     */
    wait_detail: z
      .object({
        status: z.number().int(),
        message: z.string(),
        retry_at: z.number().nullable(),
        limit: z.object({ subject: z.enum(LIMIT_SUBJECTS), subject_id: z.string() }).optional(),
      })
      .optional(),
    /** With `capacity`: its place in the queue, from 1. */
    queue_place: z.number().int().optional(),
    error: z.string().optional(),
  }),
  "session.payer_changed": z.object({
    key_source: z.enum(KEY_SOURCES),
    previous: z.enum(KEY_SOURCES),
    changed_by: z.string(),
    /** What has to happen before the agent goes on. */
    restart: z.boolean(),
  }),
  "session.auto_approve": z.object({ on: z.boolean(), changed_by: z.string() }),
  "session.ended": z.object({
    reason: z.string(),
    total_events: z.number().int(),
    total_duration_ms: z.number(),
  }),
  ...SAVED_EVENTS,
  "provision.step": z.object({
    step: z.string(),
    index: z.number().int(),
    total: z.number().int(),
    label: z.string(),
    status: z.enum(["started", "completed", "failed"]),
    duration_ms: z.number().optional(),
    detail: z.string().optional(),
    error: z.string().optional(),
  }),
  /** What the set-up script of a new sandbox printed. */
  "setup.output": z.object({ delta: z.string() }),
  "message.user": z.object({ content: z.string(), user_name: z.string().optional() }),
  "message.assistant": z.object({
    message_id: z.string(),
    content: z.string(),
    model: z.string(),
    provider: z.string(),
    /** True where `content` is the beginning; the whole is in the pieces before. */
    truncated: z.boolean().optional(),
  }),
  "llm.response.chunk": z.object({ message_id: z.string(), delta: z.string() }),
  "llm.thinking.chunk": z.object({ message_id: z.string(), delta: z.string() }),
  "llm.response.error": z.object({
    error: z.string(),
    error_code: z.number().int(),
    provider: z.string(),
    model: z.string(),
    retry_after_ms: z.number().optional(),
  }),
  /** What people should know of an answer that was passed on. */
  "llm.response.notice": z.object({
    notice: z.enum(ANSWER_NOTES),
    provider: z.string(),
    model: z.string(),
  }),
  "tool.requested": z.object({
    ...tool,
    kind: z.string(),
    title: z.string(),
    tool_input: z.record(z.string(), z.unknown()),
  }),
  "tool.approved": z.object({ ...tool, approved_by: z.string() }),
  "tool.denied": z.object({ ...tool, denied_by: z.string(), reason: z.string() }),
  "tool.started": z.object({
    ...tool,
    kind: z.string(),
    title: z.string(),
    tool_input: z.record(z.string(), z.unknown()),
  }),
  "tool.output.chunk": z.object({ tool_call_id: z.string(), delta: z.string() }),
  "tool.completed": z.object({
    ...tool,
    title: z.string(),
    output: z.string(),
    duration_ms: z.number(),
    exit_code: z.number().int().optional(),
    /** Where the whole output is kept, of which `output` is the beginning, and how long it is. */
    output_artifact_id: z.string().optional(),
    output_chars: z.number().int().optional(),
    truncated: z.boolean().optional(),
    diff: diffSchema.optional(),
    /** All of them, where it changed more than one file. */
    diffs: z.array(diffSchema).optional(),
  }),
  "tool.error": z.object({
    ...tool,
    error: z.string(),
    duration_ms: z.number(),
    /** True where it did not fail by itself: the run was stopped. */
    interrupted: z.boolean().optional(),
  }),
  "approval.requested": z.object({
    approval_key: z.string(),
    tool: z.string(),
    tool_call_id: z.string(),
    kind: z.string(),
    summary: z.string(),
    request: z.record(z.string(), z.unknown()),
    diff: diffSchema.optional(),
    /** All of them, where it would change more than one file. */
    diffs: z.array(diffSchema).optional(),
    /** What the diffs alone do not say: links, line ends, what could not be checked. */
    notes: z.array(changeNoteSchema).optional(),
    /** How often the agent has made the same call in a row, where that is why people are asked. */
    same_calls: z.number().int().optional(),
    /** Why Studio refuses it, without asking anyone. */
    refusal: z.string().optional(),
    expires_at: z.number(),
    on_expiry: onExpiry.optional(),
  }),
  "approval.decided": z.object({
    approval_key: z.string(),
    tool_call_id: z.string(),
    /** Bypassed: it ran before anyone had decided. */
    decision: z.enum(["approved", "denied", "bypassed"]),
    reason: z.enum(["person", "rule", "timeout", "run_ended", "agent_restarted", "withdrawn", "violation"]),
    /** What the person said to the agent with it. */
    message: z.string().optional(),
    decided_by: z.string().optional(),
    /** True where the answer holds for the rest of the session. */
    for_session: z.boolean().optional(),
    rules: decidingRules.optional(),
    made_rule: madeRule.optional(),
  }),
  /** The agent asks a person something; how it goes on depends on the answer. */
  "question.requested": z.object({
    question_key: z.string(),
    tool_call_id: z.string(),
    questions: z.array(askedSchema),
    expires_at: z.number(),
    on_expiry: onExpiry.optional(),
  }),
  "question.answered": z.object({
    question_key: z.string(),
    tool_call_id: z.string(),
    outcome: z.enum(["answered", "dismissed"]),
    /** One list for each question, in order; empty where it was dismissed. */
    answers: z.array(z.array(z.string())),
    reason: z.enum(["person", "timeout", "run_ended", "agent_restarted"]),
    answered_by: z.string().optional(),
  }),
  "plan.updated": z.object({
    entries: z.array(z.object({ content: z.string(), status: z.string(), priority: z.string().optional() })),
  }),
  ...LLM_PAYLOADS,
  ...MCP_PAYLOADS,
  ...SKILL_PAYLOADS,
  /** A person saved a file of the workspace; without its diff where that would be too large. */
  "file.changed": z.object({ path: z.string(), changed_by: z.string(), diff: diffSchema.optional() }),
  /** A person ended what a command had left running. */
  ...COMMAND_EVENTS,
  "process.ended": z.object({ pid: z.number().int(), command: z.string(), ended_by: z.string() }),
  /** A person did something with a repository. */
  "git.changed": z.object({
    act: z.enum(GIT_ACTS),
    repository: z.string(),
    /** The branch, the commit's first line, the pull request's title, or the files. */
    subject: z.string(),
    changed_by: z.string(),
    url: z.string().optional(),
  }),
  ...PROJECT_PAYLOADS,
  /** A git server took a branch from the sandbox; without a commit where it was deleted. */
  "git.pushed": z.object({ repository: z.string(), branch: z.string(), commit: z.string().optional() }),
  /** A pull request is brought to green: it began, an attempt of it did, or it ended for a reason. */
  "git.green": z.object({
    act: z.enum(["started", "attempt", "ended"]),
    repository: z.string(),
    /** A person, or Studio. */
    changed_by: z.string(),
    attempt: z.number().int().optional(),
    max_attempts: z.number().int().optional(),
    max_cost_micro_usd: z.number().int().optional(),
    /** How many failed checks and comments the agent was given. */
    found: z.number().int().optional(),
    reason: z.enum(GREEN_ENDS).optional(),
    detail: z.string().optional(),
  }),
  /** The network policy that the sandbox follows from now on: at its start, or since an admin has changed it. */
  "network.applied": z.object({
    mode: z.enum(NETWORK_MODES),
    presets: z.array(z.enum(NETWORK_PRESET_IDS)),
    hosts: z.array(z.string()),
    cause: z.enum(["start", "change"]),
  }),
  /** A connection out of the sandbox that was refused; each destination once in a session. */
  "network.refused": z.object({
    host: z.string(),
    port: z.number().int(),
    reason: z.enum(REFUSAL_REASONS),
  }),
  "run.queued": z.object({ input: z.string(), position: z.number().int() }),
  /** Nobody answered what it asked: its session was parked, and it goes on at the answer or the next message. */
  "run.parked": z.object({ message: z.string() }),
  "run.resumed": z.object({}),
  "run.started": z.object({ input: z.string(), agent_id: z.string().optional() }),
  "run.completed": z.object({
    output: z.string(),
    stop_reason: z.string(),
    total_events: z.number().int(),
    total_duration_ms: z.number(),
    total_tokens: z.number().int(),
  }),
  "run.failed": z.object({
    error: z.string(),
    error_kind: z.string(),
    failed_at_seq: z.number().int(),
    /** More of its kind: of `missing_env_var` the skill, its variables and the policy. */
    details: z.record(z.string(), z.unknown()).optional(),
  }),
  /** An act that needed a decision has a result, and had none: its agent is ended. */
  "run.violation": z.object({ ...tool, cause: z.enum(VIOLATIONS), message: z.string() }),
  "run.cancelled": z.object({ message: z.string() }),
  "usage.recorded": z.object({
    request_id: z.string(),
    /** Who sent the message that the call was made for. */
    user_id: z.string().optional(),
    provider: z.string(),
    model: z.string(),
    input_tokens: z.number().int(),
    cached_tokens: z.number().int(),
    output_tokens: z.number().int(),
    /** True where the provider's figures were absent or odd, so that the cost is what the call could cost. */
    estimated: z.boolean().optional(),
    /** True where nobody has set a price, so that the cost is not known. */
    unpriced: z.boolean().optional(),
    ...money,
  }),
  "budget.changed": z.object({ cap_micro_usd: z.number().int().nullable(), changed_by: z.string() }),
  /** What a run's calls had taken of the credits was given back, since it failed for the platform's fault. */
  "credits.returned": z.object({ amount_micro_usd: z.number().int(), reason: z.string() }),
  "agent.restarted": z.object({ cause: z.string() }),
  "agent.error": z.object({ error: z.string() }),
} as const satisfies Record<(typeof EVENT_TYPES)[number], z.ZodType>;

export type EventType = keyof typeof EVENT_PAYLOADS;
export type PayloadOf<T extends EventType> = z.infer<(typeof EVENT_PAYLOADS)[T]>;

/** An event before it is in the log: what a writer hands over. */
export type EventDraft = {
  [T in EventType]: { type: T; payload: PayloadOf<T>; runId?: string; source: string };
}[EventType];

/** The envelope, the same on every surface. `ts` is ISO 8601 with milliseconds; `seq` starts at 1, without a gap. */
export const envelopeSchema = z.object({
  event_id: z.string(),
  type: z.string(),
  ts: z.string(),
  session_id: z.string(),
  run_id: z.string().optional(),
  seq: z.number().int(),
  source: z.string(),
  payload: z.record(z.string(), z.unknown()),
  cost_usd: z.number().optional(),
});
export type EventEnvelope = z.infer<typeof envelopeSchema>;

/** An envelope whose type and payload are known. */
export type StudioEvent = {
  [T in EventType]: Omit<EventEnvelope, "type" | "payload"> & { type: T; payload: PayloadOf<T> };
}[EventType];

/**
 * Checks a draft's payload.
 * @throws Error that names the type and the first fault; the writer is at fault, not a user.
 */
export function checkDraft(draft: { type: string; payload: unknown }): void {
  const schema = EVENT_PAYLOADS[draft.type as EventType];
  if (!schema) throw new Error(`Unknown event type ${draft.type}`);
  const result = schema.safeParse(draft.payload);
  if (!result.success) {
    const issue = result.error.issues[0];
    throw new Error(`${draft.type}: ${issue?.path.join(".")} ${issue?.message}`);
  }
}
