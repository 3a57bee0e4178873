import { z } from "zod";
import { MAX_ANSWER_CHARS, MAX_CHOICES } from "./limits.ts";

/** One thing that the agent asks of a person. A field of its own where the person may answer in their own words. */
export const askedSchema = z.object({
  question: z.string(),
  /** A few words that stand for it. */
  header: z.string(),
  options: z.array(z.object({ label: z.string(), description: z.string() })),
  /** True where several options may be chosen. */
  multiple: z.boolean(),
  /** True where the person may answer in words that are no option. */
  custom: z.boolean(),
});
export type Asked = z.infer<typeof askedSchema>;

/**
 * Why these answers are none to these questions; null where they are. One list for each question, in order: the labels
 * that were chosen, or a person's own words; an empty one leaves the question open.
 */
export function answersFault(
  asked: readonly Asked[],
  answers: readonly (readonly string[])[],
): string | null {
  if (answers.length !== asked.length)
    return `There are ${asked.length} questions, so give ${asked.length} lists of answers.`;
  for (const [index, { header, multiple, custom, options }] of asked.entries()) {
    const given = answers[index] ?? [];
    if (given.length > (multiple ? MAX_CHOICES : 1))
      return `“${header}” takes ${multiple ? `at most ${MAX_CHOICES} answers` : "one answer"}.`;
    const other = given.find((text) => !options.some(({ label }) => label === text));
    if (other !== undefined && !custom) return `“${header}” takes one of its options.`;
    if (given.some((text) => text.trim() === "" || text.length > MAX_ANSWER_CHARS))
      return `An answer has 1 to ${MAX_ANSWER_CHARS} characters.`;
  }
  if (answers.every((given) => given.length === 0)) return "Answer at least one question, or skip them.";
  return null;
}
