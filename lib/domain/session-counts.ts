import { z } from "zod";

/** What a session's log has had so far, counted as it is written: a log may be long, or gone. */
export const sessionCountsSchema = z.object({
  messages: z.number().int(),
  runs: z.number().int(),
  llmCalls: z.number().int(),
  toolCalls: z.number().int(),
  toolsApproved: z.number().int(),
  toolsDenied: z.number().int(),
});
export type SessionCounts = z.infer<typeof sessionCountsSchema>;

export const NO_COUNTS: SessionCounts = {
  messages: 0,
  runs: 0,
  llmCalls: 0,
  toolCalls: 0,
  toolsApproved: 0,
  toolsDenied: 0,
};

/** What an event of each type adds one to. A person's message is a run as well. */
const COUNTED: Readonly<Record<string, readonly (keyof SessionCounts)[]>> = {
  "message.user": ["messages", "runs"],
  "message.assistant": ["messages"],
  "usage.recorded": ["llmCalls"],
  "tool.requested": ["toolCalls"],
  "tool.approved": ["toolsApproved"],
  "tool.denied": ["toolsDenied"],
};
/** Types of events that are counted. */
export const COUNTED_TYPES: readonly string[] = Object.keys(COUNTED);

/** The counts with one more event. @returns the same object where nothing of it counts */
export function withCounted(counts: SessionCounts, type: string): SessionCounts {
  const fields = COUNTED[type];
  if (!fields) return counts;
  const next = { ...counts };
  for (const field of fields) next[field] += 1;
  return next;
}
