import { z } from "zod";
import { LIMIT_SUBJECTS } from "./monthly-limits.ts";

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
  /** A call took what was spent past a part of the limit, or a limit has stopped one: then it is 100. */
  "budget.warning": z.object({
    /** Beside the session's cap and the run's: whose monthly limit it is. */
    scope: z.enum(["session", "run", ...LIMIT_SUBJECTS]),
    threshold_percent: z.number().int(),
    /** Absent of a monthly limit: who reads the session need not know what others spend. */
    spent_micro_usd: z.number().int().optional(),
    limit_micro_usd: z.number().int().optional(),
    /** Of a monthly limit: the id of the organization, member, agent or API key. */
    subject_id: z.string().optional(),
    /** Of a monthly limit: `2026-11`. */
    month: z.string().optional(),
  }),
};
