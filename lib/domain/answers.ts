/**
 * What people should know of a model's answer: it was cut at its limit, or by the provider's filter, or it ended in a
 * way that only its provider knows, and was taken as a usual end.
 */
export const ANSWER_NOTES = ["cut_length", "cut_filter", "unknown_end"] as const;
export type AnswerNote = (typeof ANSWER_NOTES)[number];

/** The line on the session. @param provider its name */
export const ANSWER_NOTE_TEXTS: Record<AnswerNote, (provider: string) => { title: string; text: string }> = {
  cut_length: (provider) => ({
    title: "The answer was cut off",
    text: `${provider} stopped at the longest answer that it allows. Ask the agent to go on.`,
  }),
  cut_filter: (provider) => ({
    title: "The answer was cut off",
    text: `${provider}'s content filter stopped it.`,
  }),
  unknown_end: (provider) => ({
    title: "The answer may be incomplete",
    text: `${provider} ended it without saying why. Studio took it as complete.`,
  }),
};
