import { z } from "zod";
import { DEADLINE_ACTIONS } from "#domain/approvers.ts";
import type { ConfigSummary } from "#domain/config-summary.ts";

/** What a session's runs are configured with: of a run, and of `GET /api/v1/sessions/{id}/config`. */
export const configSummarySchema = z.object({
  profile_id: z.string().nullable().describe("The agent that the session was started with."),
  models: z.object({ planner: z.string(), executor: z.string() }),
  llm: z.object({
    payer: z.string(),
    temperature: z.number().nullable(),
    max_tokens: z.number().int().nullable(),
  }),
  limits: z.object({
    budget_cap_usd: z.number().nullable(),
    idle_timeout_ms: z.number(),
    run_timeout_ms: z.number(),
    approval_timeout_ms: z.number(),
    approval_timeout_action: z.enum(DEADLINE_ACTIONS),
  }),
  safety: z.object({ tools_mode: z.string(), auto_approve: z.boolean() }),
  config_overlays: z.array(z.string()),
  sources: z
    .record(z.string(), z.string())
    .describe("Where each value came from: `agent:<id>`, `session`, `organization`, or `default`."),
}) satisfies z.ZodType<ConfigSummary>;
