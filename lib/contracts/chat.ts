import { z } from "zod";
import { COMPLETION_LIMITS } from "#domain/completions.ts";
import { LIMITS } from "#domain/limits.ts";
import { idParam } from "./route.ts";
import { BOTH, isWhole, messageBody, modelChoice } from "./sessions.ts";

const { min, max } = LIMITS.temperature;

/** How a model is asked, as the desktop client's sidecar took it. */
const agentConfig = z.strictObject({
  ...modelChoice,
  system_prompt: z.string().max(LIMITS.systemPrompt.max).optional(),
  temperature: z.number().min(min).max(max).optional(),
  max_tokens: z.number().int().min(1).max(COMPLETION_LIMITS.maxOutputTokens).optional(),
  tools: z
    .array(z.looseObject({ name: z.string() }))
    .max(0, "tools: a session's tools are those of its agent; give `agent_id` when you create the session.")
    .optional()
    .describe("None: what a session's agent may use is said when the session is created."),
});

const usage = z.object({ input_tokens: z.number().int(), output_tokens: z.number().int() });

/** `POST /api/v1/chat` */
export const chatBody = z.strictObject({
  session_id: idParam,
  message: messageBody.shape.message,
  agent_config: agentConfig
    .refine(isWhole, BOTH)
    .optional()
    .describe(
      "What the session was created with: anything else is refused, since a session keeps its configuration.",
    ),
});
export const chatResponse = z.object({
  session_id: z.string(),
  run_id: z.string(),
  content: z.string(),
  model: z.string(),
  provider: z.string(),
  usage,
  cost_usd: z.number(),
});

/** `POST /api/v1/chat/direct` */
export const directChatBody = z.strictObject({
  message: messageBody.shape.message,
  history: z
    .array(z.strictObject({ role: z.enum(["user", "assistant"]), content: z.string().min(1).max(1_000_000) }))
    .max(200)
    .optional()
    .describe("What was said before, oldest first: nothing is kept between calls."),
  agent_config: agentConfig
    .refine(isWhole, BOTH)
    .optional()
    .describe("Without a model, the organization's default one writes."),
  max_cost_usd: z
    .number()
    .min(LIMITS.budgetCap.min / 1_000_000)
    .max(LIMITS.budgetCap.max / 1_000_000)
    .optional()
    .describe(
      "What it may cost at most. The answer is cut to what that buys; with too little for one it is refused.",
    ),
  stream: z
    .boolean()
    .default(false)
    .describe("Whether to send the answer as it comes, as server-sent events."),
});
export const directChatResponse = z.object({
  content: z.string(),
  model: z.string(),
  provider: z.string(),
  stop_reason: z.string().describe("`stop`, `length`, `content-filter`, or another reason of the model's."),
  usage,
  cost_usd: z.number().nullable().describe("Null where nobody has set a price for the model."),
});
