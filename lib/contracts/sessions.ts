import { z } from "zod";
import { ENVIRONMENTS, KEY_SOURCES } from "#domain/catalog.ts";
import { diffSchema, envelopeSchema } from "#domain/events.ts";
import {
  LIMITS,
  MAX_ANSWER_CHARS,
  MAX_CHOICES,
  MAX_EVENTS_PAGE,
  MAX_MESSAGE_BYTES,
  MAX_PAGE,
  utf8Bytes,
} from "#domain/limits.ts";
import { MAX_SESSION_REPOSITORIES } from "#domain/git.ts";
import { RUN_STATUSES } from "#domain/lifecycle.ts";
import { SESSION_GROUPS } from "#domain/session-filter.ts";
import { askedSchema } from "#domain/questions.ts";
import { sessionSchema } from "#domain/session.ts";
import { repositoryBody, repositoryWithAccess } from "./git.ts";
import { boundedText, boundedTexts, boundedWhole } from "./limits.ts";
import { idParam } from "./route.ts";
import { skillsRoots } from "./skill-roots.ts";

const budgetCap = boundedWhole(LIMITS.budgetCap);
const title = boundedText(LIMITS.title, { trim: true });

/** A model, named whole; or none, where something else says which. */
export const modelChoice = {
  provider: boundedText(LIMITS.providerId)
    .optional()
    .describe("One of those that `GET /api/studio/models` lists; with `model`."),
  model: boundedText(LIMITS.modelId).optional().describe("One of the provider's models."),
};
export const isWhole = ({ provider, model }: { provider?: string | undefined; model?: string | undefined }) =>
  (provider === undefined) === (model === undefined);
export const BOTH = "Give provider and model together, or neither of them.";

/** `POST /api/studio/sessions` */
export const createSessionBody = z
  .strictObject({
    environment: z.enum(ENVIRONMENTS).default("development"),
    ...modelChoice,
    agentId: idParam
      .optional()
      .describe(
        "The agent to start with. Its provider and model are the session's, unless others are given.",
      ),
    title: title.optional().describe("By default the first message gives it one."),
    budgetCapMicroUsd: budgetCap
      .optional()
      .describe("What the session may cost; a run pauses when it is reached."),
    autoApprove: z.boolean().optional().describe("Whether every approval is granted by itself, and logged."),
    repository: repositoryBody.optional().describe("What the session works on, beside the project."),
    skillsRoots,
    repositories: z
      .array(repositoryWithAccess)
      .min(1)
      .max(MAX_SESSION_REPOSITORIES)
      .optional()
      .describe("Or several, each with its own rights."),
  })
  .refine(({ repository, repositories }) => repository === undefined || repositories === undefined, {
    message: "Give repository or repositories, not both.",
    path: ["repositories"],
  })
  .refine(isWhole, BOTH)
  .refine(({ model, agentId }) => model !== undefined || agentId !== undefined, {
    message: "Give provider and model, or an agent.",
    path: ["model"],
  });

/** `PATCH /api/studio/sessions/{id}`: what may change while a session lives. A cap of null is none. */
export const patchSessionBody = z
  .strictObject({
    title: title.optional(),
    budgetCapMicroUsd: budgetCap
      .nullable()
      .optional()
      .describe("What the session may cost; null for no cap."),
    autoApprove: z.boolean().optional().describe("Whether every approval is granted by itself, and logged."),
    archived: z
      .boolean()
      .optional()
      .describe("Whether the session is kept out of the lists; only one that has ended can be."),
  })
  .refine(
    (body) => Object.keys(body).length > 0,
    "Say what should change: title, budgetCapMicroUsd, autoApprove, or archived.",
  );

/** Query of `POST /api/studio/sessions`. */
export const createSessionQuery = z.object({
  wait: z
    .stringbool()
    .default(false)
    .describe("Whether to return only once the session is ready or has failed."),
});
export const createSessionResponse = z.object({ sessionId: z.string(), session: sessionSchema });
export const sessionResponse = z.object({ session: sessionSchema });

/** Query of a list: `limit` 1–100, `cursor` opaque, from the page before. */
export const pageQuery = z.object({
  limit: z.coerce.number().int().min(1).max(MAX_PAGE).default(25),
  cursor: z.string().max(2000).optional().describe("From the page before; opaque."),
});

/** Query of `GET /api/studio/sessions`. A page may be short, or empty, before the end: `nextCursor` says. */
export const sessionsQuery = pageQuery.extend({
  group: z.enum(SESSION_GROUPS).optional().describe("By state; `waiting` are those that wait for a person."),
  environment: z.enum(ENVIRONMENTS).optional(),
  agentId: idParam.optional().describe("The sessions of one agent alone."),
  mine: z.stringbool().optional().describe("Whether to list the caller's own sessions only."),
  text: boundedText(LIMITS.searchText)
    .optional()
    .describe("Words of the title, prompts, or answers, in any case; the last one may be incomplete."),
  archived: z.stringbool().optional().describe("Whether to list archived sessions instead of the others."),
});

export const sessionsResponse = z.object({
  sessions: z.array(sessionSchema),
  nextCursor: z.string().nullable(),
  truncated: z
    .boolean()
    .describe(
      "True where `text` has more matches than are looked at: the pages lack some sessions. Narrow the search.",
    ),
});

/** `POST /api/studio/sessions/{id}/message` and, as v1, `…/runs`. At most 100,000 bytes of UTF-8. */
export const messageBody = z.strictObject({
  message: z
    .string()
    .refine((text) => text.trim().length > 0, "Write a message: it is empty.")
    .refine((text) => utf8Bytes(text) <= MAX_MESSAGE_BYTES, {
      message: `A message may have at most ${MAX_MESSAGE_BYTES} bytes.`,
      params: { code: "too_large" },
    }),
});
/** `POST /api/studio/sessions/{id}/cancel`: the run to stop or to take back; without it the one at work. */
export const cancelBody = z.strictObject({
  runId: z
    .string()
    .min(1)
    .max(100)
    .optional()
    .describe("The run to cancel; by default the one that is going."),
});

/** `POST /api/studio/sessions/{id}/payer`: who is to pay, as `GET` of it offers. */
export const payerBody = z.strictObject({ keySource: z.enum(KEY_SOURCES) });
export const payerResponse = z.object({
  keySource: z.enum(KEY_SOURCES),
  next: z
    .enum(KEY_SOURCES)
    .nullable()
    .describe("Who would pay if the session's key were refused; null if there is none."),
  reason: z.string().nullable().describe("Why there is none."),
});
export type PayerResponse = z.infer<typeof payerResponse>;

export const messageResponse = z.object({ runId: z.string() });

export const runSchema = z.object({
  id: z.string(),
  agent_id: z.string().nullable(),
  agent_name: z.string().nullable(),
  session_id: z.string(),
  input: z.string(),
  status: z.enum(RUN_STATUSES),
  output: z.string().nullable(),
  error: z.string().nullable(),
  error_kind: z.string().nullable(),
  total_events: z
    .number()
    .int()
    .describe("Of the session's log, from the run's start to its end, or to now; 0 before it starts."),
  total_tokens: z.number().int(),
  total_cost_usd: z.number(),
  returned_usd: z
    .number()
    .describe("What of it was given back to the credits, since the run failed for the platform's fault."),
  duration_ms: z.number().nullable(),
  created_at: z.string(),
  started_at: z.string().nullable(),
  completed_at: z.string().nullable(),
});
export type Run = z.infer<typeof runSchema>;
/** `POST /api/v1/sessions`: everything has a default; the model's is the agent's, or the organization's. */
export const defaultSessionBody = z
  .strictObject({
    title: title.optional().describe("By default the first message gives it one."),
    environment: z.enum(ENVIRONMENTS).default("development"),
    ...modelChoice,
    agent_id: idParam
      .optional()
      .describe("The agent to start with. Its model is the session's, unless another is given."),
    skills_roots: skillsRoots,
  })
  .refine(isWhole, BOTH);
export const defaultSessionResponse = z.object({ session_id: z.string(), created_at: z.string() });

/** `POST /api/v1/sessions/{id}/runs` */
export const runStartedResponse = z.object({ run_id: z.string() });

/** `POST /api/v1/sessions/{id}/messages`: what `…/runs` calls `message`. */
export const contentBody = z.strictObject({ content: messageBody.shape.message });

/** `GET /api/v1/providers`: which of them a session can be started with now. */
export const providersResponse = z.object({
  providers: z.array(
    z.object({
      name: z.string(),
      available: z.boolean(),
      models: z.array(z.string()),
      error: z.string().optional().describe("Why it is not available."),
    }),
  ),
});
export type ProviderStates = z.infer<typeof providersResponse>["providers"];

/**
 * Query of `GET /api/v1/sessions/{id}/events`: `cursor` is the `seq` behind which the page begins. A page may be short,
 * or empty, before the end: `next_cursor` says.
 */
export const eventsQuery = z.object({
  limit: z.coerce.number().int().min(1).max(MAX_EVENTS_PAGE).default(100),
  cursor: z.coerce.number().int().min(0).default(0).describe("The `seq` behind which the page begins."),
  types: z
    .string()
    .transform((text) => text.split(","))
    .pipe(boundedTexts(LIMITS.eventTypes))
    .optional()
    .describe("Types of events, with commas; `*` stands for any characters, as in `tool.*,run.failed`."),
  from_seq: z.coerce.number().int().min(1).default(1).describe("The first `seq` that is wanted."),
  to_seq: z.coerce.number().int().min(1).optional().describe("The last `seq` that is wanted."),
  text: boundedText(LIMITS.searchText)
    .optional()
    .describe("What the type or a text of the payload has in it, in any case."),
});

/** `GET /api/v1/sessions/{id}/events` */
export const eventsResponse = z.object({
  events: z.array(envelopeSchema),
  next_cursor: z.string().nullable(),
});

/** `GET /api/v1/sessions/{id}/artifacts/{artifact_id}`: a text that was too long for its event; of a diff, its JSON. */
export const artifactSchema = z.object({
  id: z.string(),
  kind: z.enum(["output", "diff"]),
  text: z.string(),
  created_at: z.string(),
});

export const artifactResponse = z.object({ artifact: artifactSchema });

/** The decisions, with the other dialects' words for them. */
const DECISION_WORDS = {
  approved: "approved",
  once: "approved",
  true: "approved",
  approved_for_session: "approved_for_session",
  always: "approved_for_session",
  denied: "denied",
  reject: "denied",
  false: "denied",
  abort: "abort",
} as const;

/** `POST /api/v1/runs/{run_id}/approvals/{approval_key}` */
export const decisionBody = z.strictObject({
  decision: z
    .enum(Object.keys(DECISION_WORDS) as [keyof typeof DECISION_WORDS])
    .transform((word) => DECISION_WORDS[word])
    .describe(
      "`approved_for_session` also covers what is like it for the rest of the session; `abort` denies and cancels the run. The other words mean the same in other dialects.",
    ),
  reason: boundedText(LIMITS.refusalReason).optional().describe("With a denial: what the agent is told."),
  rule: z
    .strictObject({
      tool_pattern: boundedText(LIMITS.rulePattern),
      scope: z.enum(["session", "environment"]),
    })
    .optional()
    .describe("With an approval: allows its like from now on, by a rule that has to cover this."),
});

const answers = z
  .array(z.array(z.string().max(MAX_ANSWER_CHARS)).max(MAX_CHOICES))
  .max(MAX_CHOICES)
  .describe("One list for each question, in order: labels of its options, or the person's own words.");

/** `POST /api/v1/runs/{run_id}/questions/{question_key}`: one list of answers for each question, or none of them. */
export const answerBody = z.union([
  z.strictObject({ answers }),
  z.strictObject({ dismiss: z.literal(true) }),
]);

/** `POST /api/studio/sessions/{id}/question` */
export const studioAnswerBody = z.union([
  z.strictObject({ questionId: z.string().min(1).max(100), answers }),
  z.strictObject({ questionId: z.string().min(1).max(100), reject: z.literal(true) }),
]);

/** `GET /api/v1/runs/{run_id}/questions/pending` */
export const pendingQuestionsResponse = z.object({
  run_id: z.string(),
  questions: z.array(
    z.object({
      run_id: z.string(),
      question_key: z.string(),
      questions: z.array(askedSchema),
      age_ms: z.number(),
    }),
  ),
});

export const pendingApprovalSchema = z.object({
  run_id: z.string(),
  approval_key: z.string(),
  tool: z.string(),
  summary: z.string(),
  request: z.record(z.string(), z.unknown()),
  /** What would be changed, with the size in bytes and the SHA-256 of what the file is to become. */
  diff: diffSchema.optional(),
  /** All of them, where more than one file would be changed. */
  diffs: z.array(diffSchema).optional(),
  same_calls: z
    .number()
    .int()
    .optional()
    .describe("How often the agent has made this same call in a row, where that is why it asks."),
  age_ms: z.number(),
});
export const pendingApprovalsResponse = z.object({
  run_id: z.string(),
  approvals: z.array(pendingApprovalSchema),
});
