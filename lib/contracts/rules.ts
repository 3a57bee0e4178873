import { z } from "zod";
import { LIMITS } from "#domain/limits.ts";
import { RULE_ACTIONS, RULE_SCOPES } from "#domain/rules/rule.ts";
import { ENVIRONMENTS } from "#domain/catalog.ts";
import { boundedText, boundedWhole } from "./limits.ts";
import { idParam } from "./route.ts";
import { pageQuery } from "./sessions.ts";

const action = z
  .enum(RULE_ACTIONS)
  .describe(
    "`auto_deny` denies, and tells the agent why; `ask` has a person asked, whatever a later rule says.",
  );
const fields = {
  name: boundedText(LIMITS.ruleName, { trim: true }),
  tool_pattern: boundedText(LIMITS.rulePattern).describe(
    "A glob over `server:tool:arguments`, such as `builtin:shell:npm test *`, `builtin:write_file:src/*`, `builtin:fetch:https://example.com/*` or `github:*`. `*` stands for any text; alone in a command, for any number of words.",
  ),
  action,
  priority: boundedWhole(LIMITS.rulePriority).describe(
    "Within its scope the higher counts first; of the same, the older.",
  ),
  enabled: z.boolean(),
};
const place = {
  scope: z
    .enum(RULE_SCOPES)
    .describe("Rules of a session count first, then the agent's, the environment's, and the organization's."),
  agent_id: idParam.optional().describe("With the scope `agent`."),
  environment: z.enum(ENVIRONMENTS).optional().describe("With the scope `environment`."),
  session_id: idParam.optional().describe("With the scope `session`."),
};

/** `POST /api/v1/approval-rules` */
export const createRuleBody = z.strictObject({
  ...fields,
  ...place,
  scope: place.scope.default("organization"),
  priority: fields.priority.default(0),
  enabled: fields.enabled.default(true),
});

/** `PATCH /api/v1/approval-rules/{id}`: what is left out stays. */
export const updateRuleBody = z
  .strictObject(fields)
  .partial()
  .refine((body) => Object.keys(body).length > 0, "Say what should change.");

export const moveRuleBody = z.strictObject({
  before: idParam
    .nullable()
    .describe("The rule of the same place that comes next; null moves behind all of them."),
});

export const ruleJson = z.object({
  id: z.string(),
  ...fields,
  scope: z.enum(RULE_SCOPES),
  agent_id: z.string().nullable(),
  environment: z.enum(ENVIRONMENTS).nullable(),
  session_id: z.string().nullable(),
  created_at: z.string(),
  updated_at: z.string(),
  used_on: z
    .string()
    .nullable()
    .describe("The last day (UTC) on which it had a say in a decision; null where it hasn't yet."),
  unused: z
    .boolean()
    .describe(
      "True where it's on, and has had no say for 30 days since it was changed. Never of one that denies: it is there for what shouldn't happen.",
    ),
});
export type RuleJson = z.infer<typeof ruleJson>;

export const rulesQuery = pageQuery.extend({
  scope: z.enum(RULE_SCOPES).optional().describe("Without it: all but those of sessions."),
  agent_id: place.agent_id,
  environment: place.environment,
  session_id: place.session_id,
});
export const rulesResponse = z.object({ rules: z.array(ruleJson), next_cursor: z.string().nullable() });

/** A rule that is not saved. */
const draft = z.strictObject({
  name: fields.name.default("Unsaved rule"),
  tool_pattern: fields.tool_pattern,
  action,
});

/** `POST /api/v1/approval-rules/test` */
export const testRulesBody = z.strictObject({
  tool: z
    .string()
    .min(1)
    .max(128)
    .default("bash")
    .describe("As the agent calls it, such as `bash` or `edit`."),
  kind: z.enum(["execute", "edit", "delete", "move", "read", "fetch", "other"]).default("execute"),
  request: z
    .record(z.string().max(200), z.unknown())
    .describe('The tool\'s arguments, such as `{"command": "npm test"}`.'),
  environment: z.enum(ENVIRONMENTS).default("development"),
  rules: z.array(draft).max(100).optional().describe("Without it: the organization's rules as they are."),
});
const named = z.array(z.object({ id: z.string(), name: z.string() }));
export const testRulesResponse = z.object({
  action: z.enum(RULE_ACTIONS),
  rules: named,
  why: z.string(),
  proposals: z
    .array(z.string())
    .describe("Patterns that each allow it by themselves, the most useful first."),
});

/** `POST /api/v1/approval-rules/simulate` */
export const simulateBody = z.strictObject({
  rules: z.array(draft).min(1).max(100),
  with_existing: z.boolean().default(false).describe("Whether the organization's rules stand behind them."),
  limit: z.number().int().min(1).max(100).default(100).describe("Calls to look at."),
  cursor: pageQuery.shape.cursor,
});
export const simulatedCall = z.object({
  session_id: z.string(),
  approval_key: z.string(),
  summary: z.string(),
  requested_at: z.string(),
  decision: z.enum(["pending", "approved", "denied", "bypassed"]).describe("What became of it."),
  by_person: z.boolean().describe("Whether a person decided."),
  action: z.enum(RULE_ACTIONS).describe("What the rules say."),
  rules: named,
  why: z.string(),
  differs: z.boolean().describe("True where a person decided the other way."),
});
export const simulateResponse = z.object({
  looked_at: z.number().int(),
  not_kept: z.number().int().describe("Calls that were too long to be kept for this."),
  matches: z
    .array(simulatedCall)
    .describe("Newest first; calls that none of the rules decides are left out."),
  next_cursor: z.string().nullable(),
});

/** `GET /api/v1/runs/{run_id}/approvals/{approval_key}/proposals` */
export const proposalsResponse = z.object({
  proposals: z.array(
    z.object({
      pattern: z.string(),
      matches: z.number().int().describe("Of the last calls that were looked at."),
      examples: z.array(z.string()),
    }),
  ),
  looked_at: z.number().int(),
});
