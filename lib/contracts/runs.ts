import { z } from "zod";
import { ENVIRONMENTS } from "#domain/catalog.ts";
import { LIMITS } from "#domain/limits.ts";
import { ACT_KINDS } from "#domain/act-kinds.ts";
import { RUN_STATUSES } from "#domain/lifecycle.ts";
import { MAX_SESSION_RULES } from "#domain/rules/rule.ts";
import { RULE_SETS, type RuleSetName } from "#domain/rules/sets.ts";
import { configSummarySchema } from "./config-summary.ts";
import { approvalRuleSchema } from "./agents.ts";
import { boundedText } from "./limits.ts";
import { skillsRoots } from "./skill-roots.ts";
import { webhookBody, webhookSchema } from "./webhooks.ts";
import { idParam } from "./route.ts";
import { BOTH, isWhole, messageBody, modelChoice, pageQuery, runSchema } from "./sessions.ts";

/** Query of `GET /api/v1/runs`. */
export const runsQuery = pageQuery.extend({
  status: z.enum(RUN_STATUSES).optional(),
  session_id: idParam.optional().describe("The runs of one session alone."),
  agent_id: idParam.optional().describe("The runs of one agent alone."),
  provider: boundedText(LIMITS.providerId).optional(),
  model: boundedText(LIMITS.modelId).optional(),
  from: z.iso.datetime({ offset: true }).optional().describe("Those that were asked for from then on."),
  until: z.iso.datetime({ offset: true }).optional().describe("Those that were asked for before then."),
  min_cost_usd: z.coerce
    .number()
    .min(0)
    .max(1_000_000)
    .optional()
    .describe("Those that cost so much at least."),
  user_id: idParam.optional().describe("The runs of one person alone."),
  mine: z.stringbool().optional().describe("Whether to list the caller's own runs only."),
});
export const runsResponse = z.object({ runs: z.array(runSchema), next_cursor: z.string().nullable() });

const ruleById = z.strictObject({ id: idParam });
const ruleSet = z.strictObject({ set: z.enum(Object.keys(RULE_SETS) as RuleSetName[]) });

/** `POST /api/v1/runs` */
export const createRunBody = z
  .strictObject({
    input: messageBody.shape.message,
    agent_id: idParam
      .optional()
      .describe("The agent that works. Its model is the run's, unless another is given."),
    auto_approve_rules: z
      .array(z.union([approvalRuleSchema, ruleById, ruleSet]))
      .max(MAX_SESSION_RULES)
      .default([])
      .describe(
        "Rules of this run's session: each whole, or by the `id` of one of the organization's, or the name of a `set`. They count before all others, but lift nothing that is denied for more than this session. `tool_pattern` of `*` with `action` of `auto_approve` approves everything that no rule holds back.",
      ),
    environment: z.enum(ENVIRONMENTS).default("development"),
    skills_roots: skillsRoots
      .optional()
      .describe("Folders of the workspace with skills, as for `POST /api/v1/sessions`."),
    webhook: webhookBody
      .optional()
      .describe("Who is told when the run has ended, at least once, in a signed request."),
    ...modelChoice,
  })
  .refine(isWhole, BOTH);

/** Who, or what, decided a question of a run. */
const DECIDERS = [
  "person",
  "rule",
  "timeout",
  "run_ended",
  "agent_restarted",
  "withdrawn",
  "violation",
] as const;

/** `GET /api/v1/runs/{run_id}` */
export const runResponse = z.object({
  run: runSchema.extend({
    config_summary: configSummarySchema,
    decisions: z
      .array(
        z.object({
          approval_key: z.string(),
          tool_name: z.string(),
          summary: z.string(),
          decision: z.enum(["pending", "approved", "denied", "bypassed"]),
          reason: z
            .enum(DECIDERS)
            .nullable()
            .describe("`timeout`: nobody answered by the deadline; null while nothing is decided."),
          decided_by: z
            .string()
            .nullable()
            .describe("The person, the rules, or that the session approves by itself."),
          requested_at: z.string(),
          decided_at: z.string().nullable(),
        }),
      )
      .describe("What its agent asked leave for, and what decided: the last 100, newest first."),
    webhook: webhookSchema.nullable().describe("How its end is told; null where nobody is to be told."),
  }),
});

/** `POST /api/v1/runs/{run_id}/rerun`: with the same model, or another. */
export const rerunBody = z.strictObject(modelChoice).refine(isWhole, BOTH);

/** A run that was just made. */
export const createdRun = runSchema.extend({
  run_id: z.string().describe("The same as `id`."),
  webhook_secret: z
    .string()
    .optional()
    .describe("What deliveries to the webhook are signed with. It is shown this once."),
});

export const idempotencyKey = z.object({
  "idempotency-key": boundedText(LIMITS.requestKey)
    .optional()
    .describe("A name of your own for this run: sent again within a day, it returns the same run."),
});

/** `GET /api/v1/approvals` */
export const approvalsQuery = pageQuery.extend({
  status: z
    .enum(["pending", "approved", "denied", "bypassed"])
    .default("pending")
    .describe("By default those that nobody has decided on yet. `bypassed`: it ran before anyone had."),
  environment: z.enum(ENVIRONMENTS).optional(),
  session_id: idParam.optional().describe("Those of one session alone."),
  kind: z.enum(ACT_KINDS).optional().describe("Those that do this, among other things."),
  order: z.enum(["newest", "oldest"]).default("newest").describe("Which come first."),
});
export const openApprovalSchema = z.object({
  id: z.string(),
  session_id: z.string(),
  run_id: z.string(),
  approval_key: z.string(),
  tool_name: z.string(),
  tool_input: z.record(z.string(), z.unknown()),
  summary: z.string(),
  environment: z.enum(ENVIRONMENTS),
  kinds: z.array(z.enum(ACT_KINDS)).describe("What it does."),
  asked_by: z.string().describe("Who started the run."),
  requested_at: z.string(),
  expires_at: z.string(),
  on_expiry: z
    .enum(["deny", "park"])
    .describe("What becomes of it then: it is denied, or its session is parked until somebody answers."),
  status: approvalsQuery.shape.status.unwrap(),
  reason: z.string().nullable().describe("How the decision came about."),
  decided_by: z.string().nullable(),
  decided_at: z.string().nullable(),
});
export const approvalsResponse = z.object({
  approvals: z.array(openApprovalSchema),
  next_cursor: z.string().nullable(),
});
/** `POST /api/v1/approvals/{id}` */
export const approveBody = z.strictObject({
  approve: z.boolean(),
  reason: boundedText(LIMITS.refusalReason).optional().describe("With a denial: what the agent is told."),
});
