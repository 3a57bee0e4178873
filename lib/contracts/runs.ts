import { z } from "zod";
import { ENVIRONMENTS } from "#domain/catalog.ts";
import { LIMITS } from "#domain/limits.ts";
import { RUN_STATUSES } from "#domain/lifecycle.ts";
import { approvalRuleSchema } from "./agents.ts";
import { boundedText } from "./limits.ts";
import { skillsRoots } from "./skill-roots.ts";
import { webhookBody } from "./webhooks.ts";
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

/** `POST /api/v1/runs` */
export const createRunBody = z
  .strictObject({
    input: messageBody.shape.message,
    agent_id: idParam
      .optional()
      .describe("The agent that works. Its model is the run's, unless another is given."),
    auto_approve_rules: z
      .array(approvalRuleSchema)
      .max(100)
      .default([])
      .describe(
        "None, or the one that approves everything: `tool_pattern` of `*`, `action` of `auto_approve`.",
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
  status: z.enum(["pending"]).default("pending").describe("Those that nobody has decided on yet."),
});
export const openApprovalSchema = z.object({
  id: z.string(),
  session_id: z.string(),
  run_id: z.string(),
  approval_key: z.string(),
  tool_name: z.string(),
  tool_input: z.record(z.string(), z.unknown()),
  summary: z.string(),
  requested_at: z.string(),
  expires_at: z.string(),
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
