import { z } from "zod";

/** Characters of an answer that its call's event has; `message.assistant` has the whole. */
export const MAX_ANSWER_CHARS = 1_000;

const ofCall = { request_id: z.string(), provider: z.string(), model: z.string() };

/** What a session's log says of its model calls, and of what they cost against a limit. */
export const LLM_PAYLOADS = {
  /** The gateway makes a call; `input_tokens` is what its request is likely to be counted as. */
  "llm.request.started": z.object({
    ...ofCall,
    input_tokens: z.number().int(),
    /** The form of the request, as the provider's API has it. */
    wire_api: z.string().optional(),
    messages_count: z.number().int().optional(),
    tools_count: z.number().int().optional(),
  }),
  /** A call has come to its end; tokens as the provider counted them. */
  "llm.response.completed": z.object({
    ...ofCall,
    /** The beginning of the answer's text; empty where it only calls tools. */
    content: z.string(),
    truncated: z.boolean().optional(),
    input_tokens: z.number().int(),
    output_tokens: z.number().int(),
    duration_ms: z.number().int(),
    /** In the provider's word; empty where it gave none. */
    stop_reason: z.string(),
  }),
  /** Another model than the one that was asked for does the work. */
  "llm.routed": z.object({
    chosen_model: z.string(),
    reason: z.string(),
    /**
     * What a million tokens of input and as many of output cost less than with what was asked for, at list prices:
     * integer micro-USD, below 0 where they cost more. How many there will be nobody knows. Absent without a price.
     */
    estimated_savings: z.number().int().optional(),
    alternatives_considered: z.array(z.string()),
  }),
  /** What Studio itself told the agent. */
  "message.system": z.object({ content: z.string(), level: z.enum(["info", "warning", "error"]) }),
  /** A call took what was spent past a part of the limit. */
  "budget.warning": z.object({
    scope: z.enum(["session", "run"]),
    threshold_percent: z.number().int(),
    spent_micro_usd: z.number().int(),
    limit_micro_usd: z.number().int(),
  }),
};

/** Percents of a limit at which people are warned. */
const BUDGET_STEPS = [100, 80, 50] as const;

/**
 * The highest step of a limit that spending has passed; null where it has passed none. All in micro-USD.
 * @param limit undefined where there is none
 */
export function budgetStep(before: number, after: number, limit: number | undefined): number | null {
  if (limit === undefined || limit <= 0) return null;
  const reached = (amount: number, step: number) => amount * 100 >= limit * step;
  return BUDGET_STEPS.find((step) => reached(after, step) && !reached(before, step)) ?? null;
}
