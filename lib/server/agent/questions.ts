import { z } from "zod";
import { MAX_CHOICES } from "#domain/limits.ts";
import type { AgentPlace } from "./bridge.ts";
import type { TranslationContext, AgentEvent } from "./translation.ts";
import { listOfAgent, tellAgent } from "./own-server.ts";

/**
 * A call of the agent's `question` tool that waits, as its own server lists it (`GET /question`, OpenCode 1.18.33).
 * It does not come by ACP, whose clients are not offered the tool unless `OPENCODE_ENABLE_QUESTION_TOOL` is set.
 */
const waiting = z.object({
  id: z.string(),
  questions: z.array(
    z.object({
      question: z.string(),
      header: z.string().default(""),
      options: z.array(z.object({ label: z.string(), description: z.string().default("") })).default([]),
      multiple: z.boolean().default(false),
      custom: z.boolean().default(true),
    }),
  ),
  tool: z.object({ callID: z.string() }).optional(),
});
export type WaitingQuestion = z.infer<typeof waiting>;

/** What the agent asks of a person now. @throws Error where nobody answers */
export async function waitingQuestions(place: AgentPlace): Promise<WaitingQuestion[]> {
  return z.array(waiting).parse(await listOfAgent(place, "/question"));
}

/** Answers a question, or dismisses it (null); the agent goes on either way. @throws Error */
export async function answerQuestion(
  place: AgentPlace,
  id: string,
  answers: string[][] | null,
): Promise<void> {
  const path = `/question/${encodeURIComponent(id)}`;
  if (answers === null) await tellAgent(place, `${path}/reject`, {});
  else await tellAgent(place, `${path}/reply`, { answers });
}

/** What a person can read in a card, and the log can hold. An agent that asks for more is asked about less. */
const MAX_ASKED = 10;
const MAX_QUESTION_CHARS = 4_000;
const MAX_HEADER_CHARS = 60;
const MAX_LABEL_CHARS = 300;

/** A question as the event that asks a person. Pure. */
export function questionEvent(asked: WaitingQuestion, context: TranslationContext): AgentEvent {
  return {
    type: "question.requested",
    source: "agent.question",
    rpcId: asked.id,
    payload: {
      question_key: context.newKey("que"),
      tool_call_id: asked.tool?.callID ?? asked.id,
      questions: asked.questions.slice(0, MAX_ASKED).map(({ question, header, options, ...rest }) => ({
        ...rest,
        question: question.slice(0, MAX_QUESTION_CHARS),
        header: (header || question).slice(0, MAX_HEADER_CHARS),
        options: options.slice(0, MAX_CHOICES).map(({ label, description }) => ({
          label: label.slice(0, MAX_LABEL_CHARS),
          description: description.slice(0, MAX_LABEL_CHARS),
        })),
      })),
      expires_at: context.now + context.approvalMs,
    },
  };
}
